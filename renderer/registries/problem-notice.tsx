import { ErrorNotice, type Remedy } from '../ui/error-notice.tsx'
import { sayProblem } from './words.ts'

/** What a registry did not do, in its own words. */
export function ProblemNotice({ error, remedies = [] }: { error: unknown; remedies?: readonly Remedy[] }) {
  const { happened, kept, todo } = sayProblem(error)
  return (
    <ErrorNotice
      happened={happened}
      {...(kept !== undefined && { kept })}
      {...(todo !== undefined && { todo })}
      remedies={remedies}
    />
  )
}

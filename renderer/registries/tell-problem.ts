import { tellError } from '../ui/tell.ts'
import { sayProblem } from './words.ts'

/** In the corner, with what to do. */
export function tellProblem(error: unknown, title: string): void {
  const { happened, kept, todo } = sayProblem(error)
  tellError(new Told([happened, kept, todo].filter(Boolean).join(' ')), title)
}

/** Words that are said already. */
class Told extends Error {}

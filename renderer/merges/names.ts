import { versionName } from '../ui/version-name.ts'
import type { Prepared } from './plan.ts'

/** What the three are called on screen. */
export type Names = { left: string; right: string; base: string | undefined }

/** By their numbers; two versions that the registry has not numbered yet are told apart by their side. */
export function namesOf({ left, right, base }: Prepared): Names {
  const told = left.number !== null || right.number !== null
  return {
    left: told ? versionName(left) : 'the left version',
    right: told ? versionName(right) : 'the right version',
    base: base ? versionName(base) : undefined,
  }
}

/**
 * Findings on a text as it is typed, found beside the page. A text may have a hundred thousand of them: all are counted, the
 * first are named.
 */
import type { Check, Profile, Severity } from '../../../shared/domain/skill-md.ts'
import { validateSkill } from '../../../shared/domain/skill-md.ts'

export type ChecksRequest = { text: string; folderName: string; paths: readonly string[]; profile: Profile }
export type Checks = {
  /** The first ones, errors before warnings. */
  named: readonly Check[]
  total: Record<Severity, number>
}

export const NAMED_CHECKS = 200

/** Counts all, keeps the first. */
export function checksOf({ text, folderName, paths, profile }: ChecksRequest): Checks {
  return summed(validateSkill({ text, folderName, paths }, profile))
}

export function summed(all: readonly Check[]): Checks {
  const total = { error: 0, warning: 0, advice: 0 }
  for (const { severity } of all) total[severity]++
  return { named: all.slice(0, NAMED_CHECKS).map(shortened), total }
}

export const countOf = ({ total }: Checks): number => total.error + total.warning + total.advice

/** A message quotes what it is about, and that may be long. */
const LONGEST_MESSAGE = 1_000
const shortened = (check: Check): Check =>
  check.message.length <= LONGEST_MESSAGE ? check : { ...check, message: `${check.message.slice(0, LONGEST_MESSAGE)}…` }

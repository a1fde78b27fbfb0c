import { isDeepStrictEqual } from 'node:util'
import { type Assertion, assertion } from '../../shared/domain/benchmark/assertion.ts'
import type { ImportedCase } from './case-forms.ts'
import { isRecord, listOf, member, numberOf } from './parse-text.ts'

/**
 * Another tool's form has no place for all that a case says. What has none is written beside it under this name, which that
 * tool passes over, so that exporting and importing again gives the same case; what somebody edited in the file goes before
 * what is kept here.
 */
export const KEPT = 'whetstone'

type Written<T> = { written: T[]; kept: { [place: string]: Assertion } }

/** Writes each assertion in the form's own words, and keeps those that reading these words would not give back. */
export function writeKept<T>(
  list: readonly Assertion[],
  write: (one: Assertion) => T,
  read: (written: T) => Assertion | undefined,
): Written<T> {
  const written = list.map(write)
  const kept = list.flatMap((one, at) => {
    const back = written[at] === undefined ? undefined : read(written[at])
    return isDeepStrictEqual(back, one) ? [] : [[String(at), one] as const]
  })
  return { written, kept: Object.fromEntries(kept) }
}

/** The kept assertion of that place, if what the form says there is still what it was written as. */
export function readKept<T>(
  kept: unknown,
  at: number,
  said: unknown,
  write: (one: Assertion) => T,
): Assertion | undefined {
  const known = assertion.safeParse(member(member(kept, 'assertions'), String(at)))
  return known.success && isDeepStrictEqual(write(known.data), said) ? known.data : undefined
}

/** Tags, weight and the like, where they are not the usual ones; undefined where nothing needs keeping. */
export function keptOf(one: ImportedCase, own: { [name: string]: unknown }, assertions: object): object | undefined {
  const kept = {
    ...own,
    ...(one.tags.length > 0 && { tags: one.tags }),
    ...(one.weight !== 1 && { weight: one.weight }),
    ...(Object.keys(assertions).length > 0 && { assertions }),
  }
  return Object.keys(kept).length > 0 ? kept : undefined
}

export function readTagsAndWeight(kept: unknown): { tags: string[]; weight: number } {
  const weight = isRecord(kept) ? numberOf(member(kept, 'weight')) : null
  return {
    tags: listOf(member(kept, 'tags')).flatMap(tag =>
      typeof tag === 'string' && tag.trim() !== '' ? [tag.trim()] : [],
    ),
    weight: weight !== null && weight >= 0 ? weight : 1,
  }
}

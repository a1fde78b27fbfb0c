import type { FileSource } from '../../shared/contract/cases.ts'

export type Unreadable = {
  SOURCE_UNREADABLE: (options: { message: string; data: { path: string; reason: string } }) => Error
}

/** The failure in words, with the name as the reader gave it. */
export function unreadable(errors: Unreadable, source: FileSource, reason: string): Error {
  const named = source.kind === 'bytes' ? source.name : source.path
  // Most reasons name it already.
  return errors.SOURCE_UNREADABLE({ message: reason, data: { path: reason.includes(named) ? '' : named, reason } })
}

/** Thrown through a transaction to undo it: a look, which keeps nothing. */
export class OnlyLooked extends Error {
  override name = 'OnlyLooked'
}

/** Runs inside a transaction that is undone at its end: what it answers is what would have happened. */
export function look<T>(write: (work: () => T) => T, work: () => T): T {
  let answer: { value: T } | undefined
  try {
    write(() => {
      answer = { value: work() }
      throw new OnlyLooked()
    })
  } catch (error) {
    if (!(error instanceof OnlyLooked)) throw error
  }
  if (!answer) throw new Error('a look had no answer')
  return answer.value
}

import type { MergePiece } from '../../shared/domain/merge.ts'

/** What a person decided about one conflict in a text. `both` is left, then right. */
export type Choice = { kind: 'left' } | { kind: 'right' } | { kind: 'both' } | { kind: 'edited'; text: string }
export type Side = 'left' | 'right'

/** Every decision of a merge, by path. */
export type Settling = {
  conflicts: Record<string, Record<number, Choice>>
  /** Files of which one side is taken as a whole. */
  files: Record<string, Side>
  /** Results that were edited as a whole, in place of what the choices would make. */
  texts: Record<string, string>
}
export const NOTHING: Settling = { conflicts: {}, files: {}, texts: {} }

/** Decisions with a way back. Typing in one text is one step. */
export type Steps = {
  past: readonly Settling[]
  now: Settling
  future: readonly Settling[]
  typing: string | undefined
}
export const startSteps = (now: Settling): Steps => ({ past: [], now, future: [], typing: undefined })

export type Step =
  | { do: 'choose'; path: string; index: number; choice: Choice | undefined }
  /** The same choice for every conflict of a file that has none yet. */
  | { do: 'choose-rest'; path: string; conflicts: number; choice: Choice }
  | { do: 'take-file'; path: string; side: Side }
  | { do: 'edit'; path: string; text: string | undefined }
  | { do: 'undo' }
  | { do: 'redo' }

export function take(steps: Steps, step: Step): Steps {
  const { past, now, future, typing } = steps
  switch (step.do) {
    case 'undo': {
      const before = past.at(-1)
      if (!before) return steps
      return { past: past.slice(0, -1), now: before, future: [now, ...future], typing: undefined }
    }
    case 'redo': {
      const [next, ...rest] = future
      if (!next) return steps
      return { past: [...past, now], now: next, future: rest, typing: undefined }
    }
    case 'edit': {
      const same = step.text !== undefined && typing === step.path
      const { [step.path]: _, ...others } = now.texts
      const texts = step.text === undefined ? others : { ...others, [step.path]: step.text }
      return {
        past: same ? past : [...past, now],
        now: { ...now, texts },
        future: [],
        typing: step.text === undefined ? undefined : step.path,
      }
    }
    default:
      return { past: [...past, now], now: decide(now, step), future: [], typing: undefined }
  }
}

function decide(now: Settling, step: Extract<Step, { do: 'choose' | 'choose-rest' | 'take-file' }>): Settling {
  switch (step.do) {
    case 'take-file':
      return { ...now, files: { ...now.files, [step.path]: step.side } }
    case 'choose': {
      const { [step.index]: _, ...others } = now.conflicts[step.path] ?? {}
      const choices = step.choice ? { ...others, [step.index]: step.choice } : others
      return { ...now, conflicts: { ...now.conflicts, [step.path]: choices } }
    }
    case 'choose-rest': {
      const was = now.conflicts[step.path] ?? {}
      const all = Object.fromEntries(
        Array.from({ length: step.conflicts }, (_, index) => [index, was[index] ?? step.choice]),
      )
      return { ...now, conflicts: { ...now.conflicts, [step.path]: all } }
    }
    default:
      return step satisfies never
  }
}

/** What a choice makes of a conflict. */
export function chosenText(choice: Choice, { left, right }: { left: string; right: string }): string {
  switch (choice.kind) {
    case 'left':
      return left
    case 'right':
      return right
    case 'both':
      return left === '' || right === '' || left.endsWith('\n') ? left + right : `${left}\n${right}`
    case 'edited':
      return choice.text
    default:
      return choice satisfies never
  }
}

/** The text that the choices make; undefined while a conflict is not settled. */
export function resultOf(pieces: readonly MergePiece[], choices: Record<number, Choice> = {}): string | undefined {
  let text = ''
  let index = 0
  for (const piece of pieces) {
    if (piece.kind !== 'conflict') {
      text += piece.text
      continue
    }
    const choice = choices[index]
    if (!choice) return undefined
    text += chosenText(choice, piece)
    index += 1
  }
  return text
}

/** Decisions as they were written into the page's memory; nothing of what cannot be understood. */
export function readSettling(written: string | null): Settling {
  const read = parse(written)
  const conflicts: Settling['conflicts'] = {}
  for (const [path, choices] of entriesOf(read.conflicts)) {
    const known = entriesOf(choices).flatMap(([index, choice]) => {
      const understood = readChoice(choice)
      return understood && /^\d+$/.test(index) ? [[index, understood] as const] : []
    })
    conflicts[path] = Object.fromEntries(known)
  }
  return {
    conflicts,
    files: Object.fromEntries(
      entriesOf(read.files).flatMap(([path, side]) => (side === 'left' || side === 'right' ? [[path, side]] : [])),
    ),
    texts: Object.fromEntries(
      entriesOf(read.texts).flatMap(([path, text]) => (typeof text === 'string' ? [[path, text]] : [])),
    ),
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const entriesOf = (value: unknown): [string, unknown][] => (isRecord(value) ? Object.entries(value) : [])

function parse(written: string | null): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(written ?? '{}')
    return isRecord(read) ? read : {}
  } catch {
    return {}
  }
}

function readChoice(value: unknown): Choice | undefined {
  if (!isRecord(value)) return undefined
  const { kind, text } = value
  if (kind === 'left' || kind === 'right' || kind === 'both') return { kind }
  return kind === 'edited' && typeof text === 'string' ? { kind, text } : undefined
}

import type { ManifestEntry } from '../../shared/domain/bundle.ts'
import type { api } from '../api.ts'
import { count } from '../ui/format.ts'
import type { Merged } from './merge-texts.ts'
import { resultOf, type Settling, type Side } from './settling.ts'

export type Prepared = Awaited<ReturnType<(typeof api)['merges']['prepare']>>
type PreparedFile = Prepared['files'][number]
type Settled = Parameters<(typeof api)['merges']['save']>[0]['files'][number]

/** A text file as both sides have it, merged; `whole` where it turned out to be none that can be shown. */
export type Loaded = { kind: 'text'; merged: Merged; left: string; right: string } | { kind: 'whole' }

/** One file of the merge and what is asked of a person about it. */
export type FileMerge =
  | { kind: 'itself'; file: PreparedFile; from: 'same' | Side }
  | { kind: 'text'; file: PreparedFile; text: Extract<Loaded, { kind: 'text' }> }
  | { kind: 'choose'; file: PreparedFile }

/** Something to settle: a conflict in a text, or (without an index) a file. */
export type Item = { path: string; index?: number }

/** Which item is to be brought into view; a new object each time one goes to it. */
export type Target = { path: string; index: number | undefined }

/** Undefined until every text is there. */
export function planOf(prepared: Prepared, loaded: ReadonlyMap<string, Loaded>): FileMerge[] | undefined {
  const plan: FileMerge[] = []
  for (const file of prepared.files) {
    switch (stateOf(prepared, file)) {
      case 'same':
        plan.push({ kind: 'itself', file, from: 'same' })
        break
      case 'left':
        plan.push({ kind: 'itself', file, from: 'left' })
        break
      case 'right':
        plan.push({ kind: 'itself', file, from: 'right' })
        break
      case 'choose':
        plan.push({ kind: 'choose', file })
        break
      case 'text': {
        const text = loaded.get(file.path)
        if (!text) return undefined
        plan.push(text.kind === 'text' ? { kind: 'text', file, text } : { kind: 'choose', file })
      }
    }
  }
  return plan
}

/** Without a common base nobody can say whether a file that one side lacks was added there or removed here. */
const stateOf = (prepared: Prepared, file: PreparedFile): PreparedFile['state'] =>
  prepared.base === null && (file.state === 'left' || file.state === 'right') ? 'choose' : file.state

/** Everything that was or is to be settled, in the order of the files and of their texts. */
export function itemsOf(plan: readonly FileMerge[]): Item[] {
  return plan.flatMap(each => {
    if (each.kind === 'choose') return { path: each.file.path }
    if (each.kind !== 'text') return []
    return Array.from({ length: each.text.merged.conflicts }, (_, index) => ({ path: each.file.path, index }))
  })
}

export function isSettled({ conflicts, files, texts }: Settling, { path, index }: Item): boolean {
  if (index === undefined) return files[path] !== undefined
  return texts[path] !== undefined || conflicts[path]?.[index] !== undefined
}

/**
 * The item after (or before) the one at `at`, round the end; −1 without any. Where another file was opened meanwhile, its
 * first item comes next.
 */
export function nextItem(items: readonly Item[], at: number, openPath: string | undefined, step: 1 | -1): number {
  if (items.length === 0) return -1
  if (items[at] && items[at].path === openPath) return (at + step + items.length) % items.length
  const first = items.findIndex(item => item.path === openPath)
  if (first !== -1) return first
  return step === 1 ? 0 : items.length - 1
}

/** What remains, for people: 'SKILL.md (2 conflicts)'. */
export function sayRemaining(items: readonly Item[], settling: Settling): string[] {
  const open = new Map<string, number>()
  for (const item of items) if (!isSettled(settling, item)) open.set(item.path, (open.get(item.path) ?? 0) + 1)
  const whole = new Set(items.filter(item => item.index === undefined).map(item => item.path))
  return [...open].map(([path, conflicts]) => (whole.has(path) ? path : `${path} (${count(conflicts, 'conflict')})`))
}

/** The result of one text file; undefined while a conflict in it is not settled. */
export function textOf({ file, text }: Extract<FileMerge, { kind: 'text' }>, settling: Settling): string | undefined {
  return settling.texts[file.path] ?? resultOf(text.merged.pieces, settling.conflicts[file.path])
}

/** The files of the merged version; undefined while something is not settled. */
export function resultFiles(plan: readonly FileMerge[], settling: Settling): Settled[] | undefined {
  const files: Settled[] = []
  for (const each of plan) {
    const { path, left, right } = each.file
    if (each.kind === 'text') {
      const text = textOf(each, settling)
      if (text === undefined) return undefined
      files.push({ path, executable: isExecutable(each.file), content: contentOf(text, each) })
      continue
    }
    const side = each.kind === 'choose' ? settling.files[path] : each.from === 'right' ? 'right' : 'left'
    if (side === undefined) return undefined
    const taken = side === 'left' ? left : right
    if (taken) files.push({ path: nameOf(each.file, taken), executable: taken.executable, content: stored(taken) })
  }
  return files
}

/** Where each side gave another name, the chosen one's. */
const nameOf = ({ path, left, right }: PreparedFile, taken: ManifestEntry): string =>
  left && right && left.path !== path && right.path !== path ? taken.path : path

/** The name before, where a side gave the file another: ', was old.md'; '' where none did. */
export const sayRenamed = ({ path, base }: PreparedFile): string =>
  base && base.path !== path ? `, was ${base.path}` : ''

const stored = ({ sha256 }: ManifestEntry) => ({ kind: 'stored', sha256 }) as const

/** What equals a side is that side's content, byte for byte: reading it as text may have left something off, such as a mark at its start. */
function contentOf(text: string, each: Extract<FileMerge, { kind: 'text' }>): Settled['content'] {
  const { left, right } = each.file
  if (left && text === each.text.left) return stored(left)
  if (right && text === each.text.right) return stored(right)
  return { kind: 'text', text }
}

/** Merged as any other fact: the side that changed it wins; without a base, a file that may run on one side may run. */
function isExecutable({ base, left, right }: PreparedFile): boolean {
  const [one, other] = [left?.executable ?? false, right?.executable ?? false]
  if (one === other || !base) return one || other
  return one === base.executable ? other : one
}

import { checkPath, findClash } from '../../../shared/domain/bundle.ts'
import { foldName } from '../../../shared/domain/paths.ts'

/** The files of a skill as the rows of a tree: folders first opened, each file with what became of it since the base version. */
export type FileState = 'same' | 'added' | 'changed' | 'removed'
export type FileRow =
  | { kind: 'folder'; path: string; name: string; depth: number }
  | { kind: 'file'; path: string; name: string; depth: number; state: FileState; size: number }

type Entry = { path: string; size: number; state: FileState }

/** Depth first: SKILL.md on top, then files before folders, each by name. */
export function fileRows(
  files: readonly { path: string; size: number; state: FileState }[],
  removed: readonly string[],
): FileRow[] {
  const all: Entry[] = [...files, ...removed.map(path => ({ path, size: 0, state: 'removed' as const }))]
  const rows: FileRow[] = []
  addRows(rows, all, '', 0)
  return rows
}

function addRows(rows: FileRow[], entries: readonly Entry[], folder: string, depth: number): void {
  const folders = new Map<string, Entry[]>()
  const here: Entry[] = []
  for (const entry of entries) {
    const rest = entry.path.slice(folder.length)
    const slash = rest.indexOf('/')
    if (slash === -1) here.push(entry)
    else {
      const name = rest.slice(0, slash)
      folders.set(name, [...(folders.get(name) ?? []), entry])
    }
  }
  for (const entry of here.sort(byName)) {
    const { path, size, state } = entry
    rows.push({ kind: 'file', path, name: path.slice(folder.length), depth, state, size })
  }
  for (const [name, inside] of [...folders].sort(([a], [b]) => (a < b ? -1 : 1))) {
    rows.push({ kind: 'folder', path: `${folder}${name}`, name, depth })
    addRows(rows, inside, `${folder}${name}/`, depth + 1)
  }
}

const rank = (path: string): number => (path === 'SKILL.md' || path === 'skill.md' ? 0 : 1)
const byName = (a: Entry, b: Entry): number => rank(a.path) - rank(b.path) || (a.path < b.path ? -1 : 1)

/** Said beside the sign, for those who do not see it. */
export const STATE_MARKS: Record<FileState, { sign: string; word: string }> = {
  same: { sign: '', word: '' },
  added: { sign: '+', word: 'added' },
  changed: { sign: '●', word: 'changed' },
  removed: { sign: '−', word: 'removed' },
}

/**
 * Why a file cannot be called that, in a sentence; `free` is a name like it that is not taken, where that is the reason.
 *
 * @param from the name it has now, where it is renamed.
 */
export function nameProblem(
  path: string,
  taken: readonly string[],
  from?: string,
): { message: string; taken?: string; free?: string } | undefined {
  const bad = checkPath(path)
  if (bad) return { message: bad.message }
  const others = taken.filter(other => other !== from)
  const clash = findClash(others, path)
  if (clash?.kind !== 'same') return clash && { message: clash.message }
  return { message: clash.message, taken: clash.other, free: freePath(path, others) }
}

/** A path not taken yet: 'notes.md', 'notes-2.md', … Names that differ only by case count as taken. */
export function freePath(wanted: string, taken: readonly string[]): string {
  const used = new Set(taken.map(foldName))
  if (!used.has(foldName(wanted))) return wanted
  const dot = wanted.lastIndexOf('.')
  const [stem, ending] = dot > wanted.lastIndexOf('/') + 1 ? [wanted.slice(0, dot), wanted.slice(dot)] : [wanted, '']
  for (let n = 2; ; n++) if (!used.has(foldName(`${stem}-${n}${ending}`))) return `${stem}-${n}${ending}`
}

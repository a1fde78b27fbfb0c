import { isUtf8 } from 'node:buffer'

/**
 * Reads what `git log` writes with LOG_ARGUMENTS: one pass over the history, oldest first, each commit with what it
 * changed against its first parent.
 */

/** A change of one path. `from` is where a renamed file was. `oid` and `mode` ('100644') are those after the change. */
export type LogChange = {
  kind: 'write' | 'delete' | 'rename'
  path: string
  from: string | undefined
  mode: string
  oid: string
  /** The path, or where it was, is not UTF-8; shown with U+FFFD. */
  badPath: boolean
}

/** `time` is the author's, in milliseconds since 1970; the message is trimmed. */
export type Commit = { id: string; author: { name: string; email: string }; time: number; message: string }
/** A commit in the log. `children` counts the commits in this log that have it as a parent. */
export type LogEntry = { commit: Commit; parents: string[]; children: number; changes: LogChange[] }

/**
 * The 'raw' format is the only one that tells the children, which say when a commit's state can be let go. It needs git
 * 2.31 (--diff-merges=first-parent). Whatever a person's configuration could change is named.
 */
export const LOG_ARGUMENTS = [
  'log',
  '--topo-order',
  '--reverse',
  '--children',
  '--pretty=raw',
  '--raw',
  '-z',
  '-M',
  '-l2000',
  '--no-abbrev',
  '--no-abbrev-commit',
  '--diff-merges=first-parent',
  '--root',
  '--encoding=UTF-8',
  '--no-color',
  '--no-decorate',
  '--no-notes',
  '--no-show-signature',
  '--no-mailmap',
  '--no-expand-tabs',
  '--no-ext-diff',
  '--no-textconv',
  '--no-relative',
  '--ignore-submodules=none',
  '--end-of-options',
  'HEAD',
  '--',
] as const

const COLON = 0x3a
const COMMIT = 0x63

/**
 * Takes the bytes as they come and gives whole commits. The stream is tokens ended by NUL: a commit's text, with the
 * first change's line at its end when it has one; a change's line; its path; for a rename its new path; an empty token
 * between commits. Lines of a message are indented, so they cannot be taken for a change.
 */
export class LogParser {
  readonly #onEntry: (entry: LogEntry) => void
  #rest: Buffer = Buffer.alloc(0)
  #entry: LogEntry | undefined
  #change: LogChange | undefined

  constructor(onEntry: (entry: LogEntry) => void) {
    this.#onEntry = onEntry
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    let from = 0
    for (let end = bytes.indexOf(0, from); end !== -1; end = bytes.indexOf(0, from)) {
      this.#token(bytes, from, end)
      from = end + 1
    }
    this.#rest = bytes.subarray(from)
  }

  /** Call when the stream has ended well: the last commit has nothing behind it that would close it. */
  end(): void {
    if (this.#rest.length > 0) this.#token(this.#rest, 0, this.#rest.length)
    this.#rest = Buffer.alloc(0)
    this.#close()
  }

  #token(bytes: Buffer, from: number, end: number): void {
    if (this.#change) this.#path(this.#change, bytes, from, end)
    else if (from === end) return
    else if (bytes[from] === COLON) this.#change = parseChange(bytes.toString('latin1', from, end))
    else if (bytes[from] === COMMIT) this.#start(bytes.toString('utf8', from, end))
    else throw new Error(`git log: what is this? ${bytes.toString('utf8', from, Math.min(end, from + 80))}`)
  }

  #start(text: string): void {
    this.#close()
    const raw = text.lastIndexOf('\n:')
    this.#entry = parseEntry(raw === -1 ? text : text.slice(0, raw))
    if (raw !== -1) this.#change = parseChange(text.slice(raw + 1))
  }

  #path(change: LogChange, bytes: Buffer, from: number, end: number): void {
    const path = bytes.toString('utf8', from, end)
    if (path.includes('\uFFFD') && !isUtf8(bytes.subarray(from, end))) change.badPath = true
    if (change.kind === 'rename' && change.from === undefined) {
      change.from = path
      return
    }
    change.path = path
    this.#entry?.changes.push(change)
    this.#change = undefined
  }

  #close(): void {
    if (this.#entry) this.#onEntry(this.#entry)
    this.#entry = undefined
  }
}

/** `:100644 100755 <oid> <oid> R087`: modes and object names before and after, and what happened. */
function parseChange(line: string): LogChange {
  const names = line.indexOf(' ', 8) + 1
  const after = line.indexOf(' ', names) + 1
  const status = line.indexOf(' ', after) + 1
  const letter = line[status]
  const kind = letter === 'D' ? 'delete' : letter === 'R' ? 'rename' : 'write'
  const oid = line.slice(after, status - 1)
  return { kind, path: '', from: undefined, mode: line.slice(8, names - 1), oid, badPath: false }
}

/** `commit <id> <children>`, then header lines up to an empty one, then the message, indented. */
function parseEntry(text: string): LogEntry {
  const headEnd = text.indexOf('\n\n')
  const end = headEnd === -1 ? text.length : headEnd
  const [id = '', ...children] = lineAt(text, 7, end).trimEnd().split(' ')
  const entry: LogEntry = {
    commit: {
      id,
      author: { name: '', email: '' },
      time: 0,
      message: headEnd === -1 ? '' : unindent(text, headEnd + 2),
    },
    parents: [],
    children: children.length,
    changes: [],
  }
  for (let from = text.indexOf('\n') + 1; from > 0 && from < end; from = text.indexOf('\n', from) + 1) {
    if (text.startsWith('parent ', from)) entry.parents.push(lineAt(text, from + 7, end))
    else if (text.startsWith('author ', from)) {
      Object.assign(entry.commit, parseAuthor(lineAt(text, from, end)))
      break // Only the committer and what nobody asks for comes after it.
    }
  }
  return entry
}

function lineAt(text: string, from: number, end: number): string {
  const lineEnd = text.indexOf('\n', from)
  return text.slice(from, lineEnd === -1 || lineEnd > end ? end : lineEnd)
}

/** `author Name <email> seconds zone`, as found: names may hold anything but `<`, `>` and a line's end. */
function parseAuthor(line: string): Pick<Commit, 'author' | 'time'> {
  const open = line.indexOf('<')
  const close = line.lastIndexOf('>')
  if (open === -1 || close < open) return { author: { name: '', email: '' }, time: 0 }
  const time = Number.parseInt(line.slice(close + 1), 10) * 1000
  return {
    author: { name: line.slice(7, open).trim(), email: line.slice(open + 1, close).trim() },
    // A date that JavaScript cannot hold (ECMA-262, Time Range) is no date.
    time: Math.abs(time) <= 8.64e15 ? time : 0,
  }
}

function unindent(text: string, from: number): string {
  const message = text.slice(from).trim()
  return message.includes('\n') ? message.replaceAll('\n    ', '\n') : message
}

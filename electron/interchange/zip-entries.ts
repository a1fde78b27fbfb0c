import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { checkPath } from '../../shared/domain/bundle.ts'
import { showName } from '../../shared/domain/paths.ts'
import { isLeftOut } from './skill-files.ts'
import type { Sink, Skipped } from './source.ts'

/** What one archive may hold, whatever it says it holds: beyond that, reading would stall the computer. */
export const ARCHIVE_LIMITS = { entries: 50_000, totalBytes: 1024 * 1024 * 1024 } as const

/** A plain file in an archive. `modified` is in milliseconds since 1970, undefined when the archive does not say. */
export type ZipItem = { path: string; size: number; modified: number | undefined; executable: boolean; entry: Entry }

/**
 * Lists an archive's plain files; everything else that is no folder gets a line. Undefined when its directory is damaged
 * or too long. Rejects with the signal's reason when cancelled.
 */
export async function listEntries(zip: ZipFile, sink: Sink, signal: AbortSignal): Promise<ZipItem[] | undefined> {
  if (zip.entryCount > ARCHIVE_LIMITS.entries) {
    const message = `The archive has ${zip.entryCount} entries; ${ARCHIVE_LIMITS.entries} are read at most.`
    sink.skipped({ path: '', code: 'TOO_MANY_FILES', message })
    return undefined
  }
  const items = new Map<string, ZipItem>()
  try {
    for await (const entry of zip.eachEntry()) {
      if (signal.aborted) break
      const path = nameOf(entry)
      if (path.endsWith('/') || isLeftOut(path)) continue
      const refused = refusal(entry, path) ?? (items.has(path) ? duplicate(path) : undefined)
      if (refused) sink.skipped(refused)
      else items.set(path, itemOf(entry, path))
      if (items.size % 500 === 0)
        sink.progress({ phase: 'looking', done: items.size, total: zip.entryCount, what: path })
    }
  } catch {
    return undefined
  }
  signal.throwIfAborted()
  return [...items.values()]
}

/** Bit 11 says UTF-8 (APPNOTE 4.4.4); macOS writes UTF-8 without saying so; the rest is code page 437. */
function nameOf(entry: Entry): string {
  const raw = entry.fileNameRaw
  const unicodePath = entry.extraFields.some(field => field.id === 0x7075)
  const flags = !unicodePath && isUtf8(raw) ? entry.generalPurposeBitFlag | 0x800 : entry.generalPurposeBitFlag
  return yauzl.getFileNameLowLevel(flags, raw, entry.extraFields, true).replace(/^(\.\/)+/, '')
}

/** The upper half of the attributes is a Unix mode when the archive was made on a Unix system (3) or macOS (19). */
function unixMode(entry: Entry): number {
  const system = entry.versionMadeBy >> 8
  return system === 3 || system === 19 ? entry.externalFileAttributes >>> 16 : 0
}

const KIND = 0o170000
const LINK = 0o120000
const PLAIN = 0o100000

function refusal(entry: Entry, path: string): Skipped | undefined {
  const refuse = (code: string, problem: string): Skipped => ({
    path,
    code,
    message: `“${showName(path)}” ${problem}.`,
  })
  const bad = checkPath(path)
  if (bad?.code === 'PATH_TRAVERSAL') return refuse(bad.code, 'points outside the archive and was left out')
  if (bad?.code === 'PATH_ABSOLUTE') return refuse(bad.code, 'is an absolute path and was left out')
  // Whatever it lies beside: git would take the folder it is unpacked to for a repository.
  if (bad?.code === 'PATH_RESERVED') return { path, code: bad.code, message: `${bad.message} It was left out.` }
  if (bad?.code === 'PATH_EMPTY' || bad?.code === 'PATH_TOO_LONG') return { path, code: bad.code, message: bad.message }
  if (path.includes('\\')) return refuse('PATH_INVALID', 'has a backslash in its name and was left out')
  if (path.includes('\0')) return refuse('PATH_INVALID', 'has a NUL in its name and was left out')
  if (path.split('/').some(name => name === '' || name === '.'))
    return refuse('PATH_INVALID', 'is not a plain path and was left out')
  if (path.includes('\uFFFD')) return refuse('PATH_NOT_UTF8', 'has a name that is not UTF-8 and was left out')
  const kind = unixMode(entry) & KIND
  if (kind === LINK) return refuse('LINK_LEFT_OUT', 'is a symbolic link and was left out')
  if (kind !== 0 && kind !== PLAIN) return refuse('NOT_A_FILE', 'is not a plain file and was left out')
  if (entry.isEncrypted())
    return refuse('ENCRYPTED', 'is encrypted and was left out. Unpack it first, then import the folder')
  if (!entry.canDecodeFileData())
    return refuse('COMPRESSION_UNKNOWN', 'is packed in a way that cannot be read here and was left out')
  return undefined
}

const duplicate = (path: string): Skipped => ({
  path,
  code: 'DUPLICATE_NAME',
  message: `“${path}” is in the archive more than once. The first was taken.`,
})

/** The format's first day, which stands for 'no date'. Milliseconds since 1970, a day's room for time zones. */
const DATED_FROM = Date.UTC(1980, 0, 3)

function itemOf(entry: Entry, path: string): ZipItem {
  const time = entry.getLastModDate().getTime()
  const executable = (unixMode(entry) & 0o111) !== 0
  return { path, size: entry.uncompressedSize, modified: time >= DATED_FROM ? time : undefined, executable, entry }
}

export type EntryProblem = { code: 'SIZE_WRONG' | 'CHECKSUM_WRONG' | 'DAMAGED'; problem: string }

/** Unpacks one file in memory: never more than it says it has, and only if size and checksum are true. */
export async function readEntry(zip: ZipFile, item: ZipItem, signal: AbortSignal): Promise<Buffer | EntryProblem> {
  const bytes = Buffer.allocUnsafeSlow(item.size)
  let filled = 0
  let stream: Readable | undefined
  try {
    stream = await zip.openReadStreamPromise(item.entry)
    for await (const chunk of stream) {
      if (signal.aborted || filled + chunk.length > item.size) {
        filled += chunk.length
        break
      }
      filled += chunk.copy(bytes, filled)
    }
  } catch {
    signal.throwIfAborted()
    return { code: 'DAMAGED', problem: 'is damaged' }
  } finally {
    stream?.destroy()
  }
  signal.throwIfAborted()
  if (filled > item.size) return { code: 'SIZE_WRONG', problem: 'unpacks to more than the archive says' }
  if (filled < item.size) return { code: 'SIZE_WRONG', problem: 'unpacks to less than the archive says' }
  if (crc32(bytes) !== item.entry.crc32) return { code: 'CHECKSUM_WRONG', problem: 'does not have its checksum' }
  return bytes
}

import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Zip, ZipDeflate } from 'fflate'
import yauzl, { type ZipFile } from 'yauzl'
import { checkPath, findSkillMd, isSkillMd, type ManifestEntry } from '../../shared/domain/bundle.ts'
import { errorCode, placeFailure } from './disk.ts'
import { frontmatterProblem } from './frontmatter-check.ts'
import { chooseFiles, joinPath, lastName, outermostSkills, skipLine } from './skill-files.ts'
import type { FoundSkill, ReadFailure, ReadOptions, ReadResult, Sink } from './source.ts'
import { takeTurns } from './turns.ts'
import { ARCHIVE_LIMITS, listEntries, readEntry, type ZipItem } from './zip-entries.ts'

/** `name` is the archive's, where only its bytes are at hand; `now` dates files that have no date. Milliseconds since 1970. */
export type ReadZipOptions = ReadOptions & { name?: string; now?: number }

/**
 * Reads the skills in a .zip or .skill archive, at any depth. Nothing is unpacked to disk; entries that are not plain
 * files, that lie about their size or checksum, or whose names lead elsewhere are left out with a line each.
 * The origin is `zip:<real path>:<folder>`, or for bytes `zip:<their SHA-256>:<folder>`.
 * Rejects with the signal's reason when cancelled.
 */
export async function readZip(source: string | Uint8Array, sink: Sink, options: ReadZipOptions): Promise<ReadResult> {
  options.signal.throwIfAborted()
  const opened = await openArchive(source, options)
  if ('code' in opened) return opened
  try {
    return await readArchive(opened, sink, options.signal)
  } finally {
    opened.zip.close()
  }
}

type Archive = { zip: ZipFile; origin: string; name: string; undated: number }

async function openArchive(source: string | Uint8Array, options: ReadZipOptions): Promise<Archive | ReadFailure> {
  const settings = { autoClose: false, decodeStrings: false, validateEntrySizes: false }
  const undated = options.now ?? Date.now()
  const shown = typeof source === 'string' ? source : (options.name ?? 'The archive')
  try {
    if (typeof source !== 'string') {
      const buffer = Buffer.from(source.buffer, source.byteOffset, source.byteLength)
      const zip = await yauzl.fromBufferPromise(buffer, settings)
      return { zip, origin: `zip:${hash('sha256', buffer, 'hex')}`, name: options.name ?? 'skill.zip', undated }
    }
    const real = await realpath(source)
    const stats = await stat(real)
    // Opening a pipe would wait for whoever writes to it.
    if (!stats.isFile()) return { ok: false, code: 'PLACE_UNREADABLE', message: `“${shown}” is no plain file.` }
    const { mtimeMs } = stats
    const zip = await yauzl.openPromise(real, settings)
    return { zip, origin: `zip:${real}`, name: basename(real), undated: Math.round(mtimeMs) }
  } catch (error) {
    if (errorCode(error) !== undefined) return placeFailure(shown, error)
    return notAZip(shown)
  }
}

const notAZip = (shown: string): ReadFailure => ({
  ok: false,
  code: 'NOT_A_ZIP',
  message: `“${shown}” is not a zip archive, or it is damaged.`,
})

async function readArchive(archive: Archive, sink: Sink, signal: AbortSignal): Promise<ReadResult> {
  const items = await listEntries(archive.zip, sink, signal)
  signal.throwIfAborted()
  if (items === undefined) return notAZip(archive.name)
  const skills = outermostSkills(items.map(item => item.path))
  const byPath = new Map(items.map(item => [item.path, item]))
  let bytesLeft = ARCHIVE_LIMITS.totalBytes
  let read = 0
  for (const [done, [folder, paths]] of [...skills].entries()) {
    sink.progress({ phase: 'reading', done, total: skills.size, what: folder || archive.name })
    const files = paths.flatMap(path => byPath.get(path) ?? []).map(item => within(item, folder))
    const size = files.reduce((sum, file) => sum + file.size, 0)
    if (size > bytesLeft) {
      const message = `“${folder || archive.name}” was left out: the archive unpacks to more than 1 GB.`
      sink.skipped({ path: folder, code: 'ARCHIVE_TOO_LARGE', message })
      continue
    }
    bytesLeft -= size
    const found = await readSkill(archive, folder, files, sink, signal)
    if (!found) continue
    await sink.skill(found)
    read += 1
  }
  sink.progress({ phase: 'reading', done: skills.size, total: skills.size, what: '' })
  return { ok: true, skills: read, versions: read }
}

const within = (item: ZipItem, folder: string): ZipItem => ({
  ...item,
  path: folder === '' ? item.path : item.path.slice(folder.length + 1),
})

async function readSkill(
  archive: Archive,
  folder: string,
  files: readonly ZipItem[],
  sink: Sink,
  signal: AbortSignal,
): Promise<FoundSkill | undefined> {
  const folderName = lastName(folder) || archive.name.replace(/\.(zip|skill)$/i, '')
  for (const { path } of files)
    if (path.includes('/') && isSkillMd(lastName(path)))
      sink.skipped(skipLine.nested(joinPath(folder, path), folderName))
  const chosen = chooseFiles(files, folder, skip => sink.skipped(skip))
  const skillMd = chosen && findSkillMd(chosen)
  if (!skillMd) return undefined
  const manifest: ManifestEntry[] = []
  // SKILL.md first: without it nothing else is worth reading.
  for (const file of [skillMd, ...chosen.filter(other => other !== skillMd)]) {
    signal.throwIfAborted()
    const bytes = await readFile(archive.zip, folder, file, sink, signal)
    if (file === skillMd && !(bytes && isText(bytes, joinPath(folder, file.path), sink))) return undefined
    const { path, executable } = file
    if (bytes) manifest.push({ path, sha256: sink.blob(bytes), size: bytes.byteLength, executable })
  }
  manifest.sort((a, b) => (a.path < b.path ? -1 : 1))
  const dates = chosen.flatMap(file => file.modified ?? [])
  const version = {
    manifest,
    message: `Imported from “${archive.name}”`,
    createdAt: dates.length > 0 ? Math.max(...dates) : archive.undated,
    parents: [],
  }
  return { origin: `${archive.origin}:${folder}`, folderName, path: folder, versions: [version], deleted: false }
}

async function readFile(
  zip: ZipFile,
  folder: string,
  file: ZipItem,
  sink: Sink,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const bytes = await readEntry(zip, file, signal)
  if (!('problem' in bytes)) return bytes
  const path = joinPath(folder, file.path)
  sink.skipped({ path, code: bytes.code, message: `“${path}” ${bytes.problem} and was left out.` })
  return undefined
}

/** Whether a SKILL.md can be kept; what is wrong with it is told either way. */
function isText(bytes: Uint8Array, path: string, sink: Sink): boolean {
  const text = isUtf8(bytes)
  const problem = text ? frontmatterProblem(bytes) : undefined
  if (!text) sink.skipped(skipLine.notUtf8(path))
  else if (problem) sink.skipped(skipLine.frontmatter(path, problem))
  return text
}

export type ZipInput = { path: string; bytes: Uint8Array; executable: boolean }

/** Packed without a pause; some milliseconds. */
const PIECE_BYTES = 64 * 1024

/**
 * An archive of files, the same bytes for the same files on every machine: sorted, dated 1 January 1980 (the format's
 * first day), packed by one implementation, in turns. Who calls it has checked the paths, and told what is wrong with one: a path
 * that would unpack elsewhere throws.
 */
export async function writeZip(files: readonly ZipInput[]): Promise<Uint8Array> {
  // The format stores local time, and fflate takes it from the date's local fields.
  const mtime = new Date(1980, 0, 1)
  const bad = files.map(({ path }) => checkPath(path)).find(problem => problem !== undefined)
  if (bad) throw new Error(`an archive cannot hold this: ${bad.message}`)
  const rest = takeTurns()
  const parts: Uint8Array[] = []
  const zip = new Zip((error, part) => {
    if (error) throw error
    parts.push(part)
  })
  for (const { path, bytes, executable } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const mode = executable ? 0o100755 : 0o100644
    const entry = Object.assign(new ZipDeflate(path, { level: 6 }), { mtime, os: 3, attrs: (mode << 16) >>> 0 })
    zip.add(entry)
    let at = 0
    do {
      await rest()
      const end = Math.min(bytes.length, at + PIECE_BYTES)
      entry.push(bytes.subarray(at, end), end === bytes.length)
      at = end
    } while (at < bytes.length)
  }
  zip.end()
  return Buffer.concat(parts)
}

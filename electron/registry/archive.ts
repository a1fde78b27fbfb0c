import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

/**
 * An exported tenant, as a folder that can be read without this app:
 *
 *   registry.json          what it is, and of each table how many rows and the SHA-256 of its file; written last
 *   tables/skills.jsonl    one row a line, columns by name, the registry's own included
 *   blobs/sha256/ab/…      content, each file named by its own SHA-256
 */
const archiveShape = z.object({
  format: z.literal(1),
  exportedAt: z.int(),
  tenant: z.object({ id: z.string(), name: z.string(), slug: z.string() }),
  schemaVersion: z.int(),
  tables: z.record(z.string(), z.object({ rows: z.int(), sha256: z.string() })),
  blobs: z.object({ stored: z.int(), missing: z.array(z.string()) }),
})
export type Archive = z.infer<typeof archiveShape>

/** Parents first. What is not here is made anew: logins (the server's own), sums (from the rows). */
export const ARCHIVED_TABLES = [
  'tenants',
  'users',
  'tenant_settings',
  'tenant_heads',
  'skills',
  'skill_versions',
  'ratings',
  'skill_feedback',
  'token_measurements',
  'usage_events',
  'benchmark_cases',
  'benchmark_runs',
  'benchmark_results',
  'change_log',
  'tombstones',
  'publish_log',
  'version_approvals',
] as const
export type ArchivedTable = (typeof ARCHIVED_TABLES)[number]

const tableFile = (folder: string, table: string): string => path.join(folder, 'tables', `${table}.jsonl`)

/** Writes one table line by line; `finish` answers what registry.json says of it. */
export function writeTable(folder: string, table: ArchivedTable) {
  fs.mkdirSync(path.join(folder, 'tables'), { recursive: true })
  const file = fs.openSync(tableFile(folder, table), 'wx')
  const hash = createHash('sha256')
  let rows = 0
  return {
    add: (lines: readonly string[]) => {
      const text = lines.map(line => `${line}\n`).join('')
      fs.writeSync(file, text)
      hash.update(text)
      rows += lines.length
    },
    finish: () => {
      fs.fsyncSync(file)
      fs.closeSync(file)
      return { rows, sha256: hash.digest('hex') }
    },
  }
}

export function writeArchive(folder: string, archive: Archive): void {
  const file = path.join(folder, 'registry.json')
  fs.writeFileSync(`${file}.partial`, `${JSON.stringify(archive, null, 2)}\n`)
  fs.renameSync(`${file}.partial`, file)
}

/** What a folder holds, each table's file checked against its hash; or why it is no whole export. */
export async function readArchive(
  folder: string,
): Promise<{ kind: 'archive'; archive: Archive } | { kind: 'invalid'; reason: string }> {
  const file = path.join(folder, 'registry.json')
  const text = readPlain(file, DESCRIPTION_BYTES)?.toString('utf8')
  if (text === undefined)
    return {
      kind: 'invalid',
      reason: fs.lstatSync(file, { throwIfNoEntry: false })
        ? `${file} is no plain file of at most 16 MB, so it was not opened.`
        : `${folder} holds no export: registry.json is missing.`,
    }
  const parsed = archiveShape.safeParse(parseJson(text))
  if (!parsed.success)
    return { kind: 'invalid', reason: `${file} cannot be understood. It may be of a newer Whetstone.` }
  for (const table of ARCHIVED_TABLES) {
    const sha256 = parsed.data.tables[table]?.sha256
    const found = await hashOf(tableFile(folder, table))
    if (found !== sha256)
      return {
        kind: 'invalid',
        reason: `tables/${table}.jsonl is ${found === undefined ? 'missing, or no plain file' : 'damaged'}. Nothing was restored.`,
      }
  }
  return { kind: 'archive', archive: parsed.data }
}

/**
 * A table's rows as JSON texts, `size` at a time; undefined for one that is longer than any row that a registry ever took and
 * sent.
 */
export async function* readRows(
  folder: string,
  table: ArchivedTable,
  size: number,
): AsyncGenerator<(string | undefined)[]> {
  const opened = openPlain(tableFile(folder, table))
  if (opened === undefined) return
  let page: (string | undefined)[] = []
  let rest = ''
  let tooLong = false
  for await (const chunk of fs.createReadStream('', { fd: opened.file, encoding: 'utf8' })) {
    // By line feeds alone: readline would also break lines at U+2028, which JSON text may hold.
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      page.push(tooLong ? undefined : line)
      tooLong = false
      if (page.length < size) continue
      yield page
      page = []
    }
    if (rest.length > LONGEST_LINE) {
      tooLong = true
      rest = ''
    }
  }
  if (page.length > 0) yield page
}

async function hashOf(file: string): Promise<string | undefined> {
  const opened = openPlain(file)
  if (opened === undefined) return undefined
  const hash = createHash('sha256')
  for await (const chunk of fs.createReadStream('', { fd: opened.file })) hash.update(chunk)
  return hash.digest('hex')
}

/** Characters; the texts of a row that is sent have 8 MB at most, which JSON may write six times as long. */
const LONGEST_LINE = 64 * 1024 * 1024
const DESCRIPTION_BYTES = 16 * 1024 * 1024

/** No link is followed, and a pipe that nobody writes to is not waited for. */
const OPENED = fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0)

/** Undefined where it is not there, or no plain file. */
function openPlain(file: string): { file: number; size: number } | undefined {
  let opened: number
  try {
    opened = fs.openSync(file, OPENED)
  } catch {
    return undefined
  }
  const stat = fs.fstatSync(opened)
  if (stat.isFile()) return { file: opened, size: stat.size }
  fs.closeSync(opened)
  return undefined
}

/** A file's bytes; undefined where it is not there, no plain file, or longer than `most`. */
export function readPlain(file: string, most = Number.POSITIVE_INFINITY): Buffer | undefined {
  const opened = openPlain(file)
  if (opened === undefined) return undefined
  try {
    return opened.size <= most ? fs.readFileSync(opened.file) : undefined
  } finally {
    fs.closeSync(opened.file)
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

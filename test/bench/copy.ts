import type pg from 'pg'
import { type SkillToPush, VERSION_COLUMNS, type VersionToPush } from '../../electron/registry/postgres.ts'
import { newVersion } from '../registry/registry.ts'

/** The baseline of whatever puts versions into a registry: COPY of the same rows, from the same objects, into a bare table. */

/** 1.1 KB a row as JSON: a hundred skills with a hundred versions each, every one the child of the one before. */
export function versionsOf(skills: readonly SkillToPush[], count: number): VersionToPush[] {
  const each = count / skills.length
  return skills.flatMap(skill => {
    let parent: string | null = null
    return Array.from({ length: each }, () => {
      const version = newVersion(skill.id, {
        parent_version_id: parent,
        description: 'Writes release notes from merged changes. '.repeat(5),
        message: 'Tighten the steps. '.repeat(12),
        metadata: JSON.stringify({ author: { name: 'Ada Lovelace', email: 'ada@example.org' }, origin: 'git' }),
      })
      parent = version.id
      return version
    })
  })
}

/** No key, no check, no policy, no trigger. */
export const BARE = `DROP TABLE IF EXISTS bare; CREATE TABLE bare (${VERSION_COLUMNS.map(column => `${column} text`).join(', ')}, version int, created_at bigint)`
/** COPY's text format, a thousand rows a chunk. */
export function* encode(rows: readonly VersionToPush[]): Generator<Buffer> {
  const escaped = (value: string | null) =>
    value === null
      ? '\\N'
      : /[\\\n\r\t]/.test(value)
        ? value.replace(/[\\\n\r\t]/g, char => ESCAPES[char] ?? char)
        : value
  for (let start = 0; start < rows.length; start += 1_000)
    yield Buffer.from(
      rows
        .slice(start, start + 1_000)
        .map(
          (row, n) =>
            `${VERSION_COLUMNS.map(column => escaped(row[column])).join('\t')}\t${start + n}\t1795167137000\n`,
        )
        .join(''),
    )
}
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** COPY … FROM STDIN: `pg` leaves it to whoever submits a query of their own. */
export function copy(client: pg.Client, chunks: () => Iterable<Buffer>): Promise<void> {
  return new Promise((resolve, reject) => {
    let failed: Error | undefined
    const text = `COPY bare (${VERSION_COLUMNS.join(', ')}, version, created_at) FROM STDIN`
    const query = {
      submit: (connection: pg.Connection) => connection.query(text),
      handleCopyInResponse: (
        connection: pg.Connection & { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void },
      ) => {
        for (const chunk of chunks()) connection.sendCopyFromChunk(chunk)
        connection.endCopyFrom()
      },
      handleCommandComplete: () => undefined,
      handleError: (error: Error) => {
        failed = error
        reject(error)
      },
      handleReadyForQuery: () => (failed ? undefined : resolve()),
    }
    client.query(query)
  })
}

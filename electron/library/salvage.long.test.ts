import fs from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/support/backend.ts'
import { fillLibrary, openOrThrow } from '../../test/support/library-to-break.ts'
import { sha256 } from './blobs.ts'
import { openSalvage, type Shape, shapesOf } from './salvage.ts'

let dataDir: string
let sound: Buffer
let shapes: Shape[]
/** Of the sound library: its rows by table, as SQLite reads them. */
let rows: Map<string, Set<string>>
type PageOf = { pageno: number; name: string; pagetype: string; ncell: number }
let pageList: PageOf[]

/** A few pages of each kind of each table and index. */
let ofEachKind: PageOf[]

/** Search tables say again what others say; they are never salvaged. */
const kept = (table: string) => !/^(sqlite_|search_)/.test(table)
const keyOf = (row: object) =>
  sha256(
    JSON.stringify(
      Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)),
      (_key, value) => (value?.type === 'Buffer' ? sha256(Buffer.from(value.data)) : value),
    ),
  )

beforeAll(() => {
  dataDir = temporaryFolder()
  const library = openOrThrow(dataDir)
  fillLibrary(library, 5)
  // Free pages hold what was deleted.
  library.db.exec('CREATE TABLE gone (x)')
  library.db.exec('INSERT INTO gone SELECT zeroblob(9000) FROM settings')
  library.db.exec('DROP TABLE gone')
  library.db.pragma('wal_checkpoint(TRUNCATE)')
  shapes = shapesOf(library.db).filter(shape => kept(shape.name))
  rows = new Map(shapes.map(({ name }) => [name, new Set(library.all<object>(`SELECT * FROM ${name}`).map(keyOf))]))
  pageList = library.all<PageOf>('SELECT pageno, name, pagetype, ncell FROM dbstat ORDER BY pageno')
  ofEachKind = [...Map.groupBy(pageList, page => `${page.name} ${page.pagetype}`).values()].flatMap(group =>
    group.slice(0, 3),
  )
  library.close()
  sound = fs.readFileSync(path.join(dataDir, 'library.db'))
})
afterAll(() => fs.rmSync(dataDir, { recursive: true, force: true }))

const broken = () => path.join(dataDir, 'broken.db')

/** Every row that can be read, of content only what hashes to its name. */
function salvaged(): Map<string, Set<string>> {
  const salvage = openSalvage(broken(), shapes)
  try {
    return new Map(
      shapes.map(({ name }) => {
        const found = new Set<string>()
        for (const row of salvage.rows(name))
          if (name !== 'blobs' || (Buffer.isBuffer(row.bytes) && sha256(row.bytes) === row.sha256))
            found.add(keyOf(row))
        return [name, found]
      }),
    )
  } finally {
    salvage.close()
  }
}

const lostOf = (found: Map<string, Set<string>>): Map<string, number> =>
  new Map(
    shapes.flatMap(({ name }) => {
      const lost = [...(rows.get(name) ?? [])].filter(key => !found.get(name)?.has(key)).length
      return lost > 0 ? [[name, lost] as const] : []
    }),
  )

/** What a page may take with it at most: the rows that lie on it, or the one row that runs over onto it. */
function mayTake(page: PageOf): number {
  const table = shapes.find(shape => shape.name === page.name)
  if (!table || page.pagetype === 'internal') return table?.withoutRowid ? page.ncell : 0
  return page.pagetype === 'overflow' ? 1 : page.ncell
}

const harms: [string, (page: Buffer) => void][] = [
  ['overwritten', page => page.fill(0xff)],
  ['emptied', page => page.fill(0)],
  ['its first bytes', page => page.fill(0xa5, 0, 8)],
  ['its list of cells', page => page.fill(0xff, 8, 40)],
  ['one bit', page => page.writeUInt8((page[2048] ?? 0) ^ 4, 2048)],
]

describe('a sound file', () => {
  test('is read as SQLite reads it, and nothing that was deleted comes back', () => {
    fs.writeFileSync(broken(), sound)
    const found = salvaged()
    for (const { name } of shapes) expect([name, found.get(name)]).toEqual([name, rows.get(name)])
    const salvage = openSalvage(broken(), shapes)
    expect(shapes.filter(({ name }) => !salvage.whole(name))).toEqual([])
    expect(salvage.damagedPages).toBe(0)
    salvage.close()
  })
})

describe.each(harms)('a page that is %s', (_name, harm) => {
  test('costs no more than the rows on it, whatever page it is', () => {
    const worse: string[] = []
    for (const page of ofEachKind) {
      const bytes = Buffer.from(sound)
      harm(bytes.subarray((page.pageno - 1) * 4096, page.pageno * 4096))
      fs.writeFileSync(broken(), bytes)
      for (const [table, lost] of lostOf(salvaged()))
        if (table !== page.name || lost > mayTake(page))
          worse.push(`page ${page.pageno} (${page.name}, ${page.pagetype}, ${page.ncell} cells): ${lost} of ${table}`)
    }
    expect(worse).toEqual([])
  })
})

test('a page whose header alone is gone costs no content at all', () => {
  const leaf = pageList.filter(page => page.name === 'blobs' && page.pagetype === 'leaf')
  expect(leaf.length).toBeGreaterThan(3)
  for (const page of leaf) {
    const bytes = Buffer.from(sound)
    bytes.fill(0xa5, (page.pageno - 1) * 4096, (page.pageno - 1) * 4096 + 8)
    fs.writeFileSync(broken(), bytes)
    expect([page.pageno, lostOf(salvaged()).get('blobs')]).toEqual([page.pageno, undefined])
  }
})

test('a file that was cut off keeps every row before the cut', () => {
  const all = [...rows.values()].reduce((sum, of) => sum + of.size, 0)
  const tables = new Set(shapes.map(shape => shape.name))
  for (const part of [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1]) {
    fs.writeFileSync(broken(), sound.subarray(0, Math.floor(sound.length * part)))
    const lost = [...lostOf(salvaged()).values()].reduce((sum, n) => sum + n, 0)
    const beyond = pageList.filter(page => page.pageno * 4096 > sound.length * part && tables.has(page.name))
    expect([part, lost]).toEqual([
      part,
      Math.min(
        lost,
        beyond.reduce((sum, page) => sum + Math.max(1, mayTake(page)), 0),
      ),
    ])
    expect(lost).toBeLessThanOrEqual(all)
  }
})

describe('a write-ahead log', () => {
  test('is read with the file, and one bad frame costs only itself', () => {
    const folder = temporaryFolder()
    const library = openOrThrow(folder)
    fillLibrary(library, 4)
    const file = path.join(folder, 'library.db')
    const all = library.all<{ sha256: string }>('SELECT sha256 FROM blobs').length
    fs.copyFileSync(file, broken())
    const log = fs.readFileSync(`${file}-wal`)
    library.close()
    const blobs = () => {
      const salvage = openSalvage(broken(), shapes)
      const names = new Set<string>()
      for (const row of salvage.rows('blobs'))
        if (Buffer.isBuffer(row.bytes) && sha256(row.bytes) === row.sha256) names.add(row.sha256)
      const { damagedPages } = salvage
      salvage.close()
      return { n: names.size, damagedPages }
    }
    fs.writeFileSync(`${broken()}-wal`, log)
    expect(blobs()).toEqual({ n: all, damagedPages: 0 })
    // SQLite itself would drop this frame and all that came after it.
    const bad = Buffer.from(log)
    const middle = 32 + Math.floor((log.length - 32) / 4120 / 2) * 4120 + 24
    bad.fill(0xff, middle, middle + 200)
    fs.writeFileSync(`${broken()}-wal`, bad)
    const found = blobs()
    expect(found.damagedPages).toBeGreaterThan(0)
    expect(found.n).toBeGreaterThan(all - 12)
    // Its header gone: the salt of the first frame says what belongs together.
    const headless = Buffer.from(log)
    headless.fill(0, 0, 32)
    fs.writeFileSync(`${broken()}-wal`, headless)
    expect(blobs().n).toBeGreaterThan(all - 12)
    fs.rmSync(`${broken()}-wal`)
    fs.rmSync(folder, { recursive: true, force: true })
  })
})

test('what is no database has no rows', () => {
  fs.writeFileSync(broken(), Buffer.alloc(20_000, 'somebody’s notes '))
  expect([...salvaged().values()].every(found => found.size === 0)).toBe(true)
  fs.writeFileSync(broken(), '')
  expect([...salvaged().values()].every(found => found.size === 0)).toBe(true)
  expect(() => new Database(broken()).close()).not.toThrow()
})

import fs from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { resources, temporaryFolder } from '../../test/support/backend.ts'
import type { Library } from './library.ts'
import { openLibrary, setAside, suspect } from './open.ts'

let dataDir: string
let migrations: string
beforeEach(() => {
  dataDir = temporaryFolder()
  migrations = path.join(dataDir, 'migrations')
  fs.cpSync(path.join(resources.migrations, 'sqlite'), migrations, { recursive: true })
})
afterEach(() => fs.rmSync(dataDir, { recursive: true, force: true }))

const open = () => openLibrary({ dataDir, migrations, now: () => Date.UTC(2026, 0, 2, 3, 4, 5) })
const library = (): Library => {
  const opened = open()
  if ('problem' in opened) throw new Error(opened.problem.happened)
  return opened.library
}
const problem = () => {
  const opened = open()
  if ('library' in opened) {
    opened.library.close()
    throw new Error('it opened')
  }
  return opened.problem
}
const file = () => path.join(dataDir, 'library.db')
const seed = (db: Library) => db.run("INSERT INTO tenants (id, name, slug, created_at) VALUES ('t', 'T', 't', 1)")

describe('a library', () => {
  test('is durable and strict: WAL, FULL, foreign keys', () => {
    const opened = library()
    const pragma = (name: string) => opened.db.pragma(name, { simple: true })
    expect(pragma('journal_mode')).toBe('wal')
    expect(pragma('synchronous')).toBe(2)
    expect(pragma('foreign_keys')).toBe(1)
    expect(() =>
      opened.run("INSERT INTO users (id, tenant_id, name, created_at) VALUES ('u', 'nobody', 'U', 1)"),
    ).toThrow('FOREIGN KEY')
    opened.close()
  })

  test('opens again with what was in it, without migrating or backing up again', () => {
    const first = library()
    seed(first)
    first.close()
    const again = library()
    expect(again.get<{ n: number }>('SELECT count(*) AS n FROM tenants').n).toBe(1)
    again.close()
    expect(fs.existsSync(path.join(dataDir, 'backups'))).toBe(false)
  })

  test('of a newer app is refused and left alone', () => {
    const first = library()
    first.run("INSERT INTO migrations (id, name, hash, applied_at) VALUES (9990, '9990_future.sql', 'x', 1)")
    first.close()
    const before = fs.readFileSync(file())
    expect(problem()).toMatchObject({ code: 'NEWER', happened: 'This library was written by a newer Whetstone.' })
    expect(fs.readFileSync(file()).equals(before)).toBe(true)
  })

  test('that is not a database is reported, never overwritten', () => {
    fs.writeFileSync(
      file(),
      'these are somebody’s notes, not a database, and longer than a header of one hundred bytes is …….',
    )
    const before = fs.readFileSync(file())
    expect(problem().code).toBe('BROKEN')
    expect(fs.readFileSync(file()).equals(before)).toBe(true)
  })

  test('of another program is reported, never overwritten', () => {
    const other = new Database(file())
    other.exec('CREATE TABLE theirs (x)')
    other.close()
    expect(problem()).toMatchObject({ code: 'BROKEN', happened: expect.stringContaining('another program') })
  })

  test('with damaged pages is reported; setting it aside keeps every byte', () => {
    const first = library()
    first.write(() => {
      for (let n = 0; n < 2_000; n++)
        first.run(
          'INSERT INTO tenants (id, name, slug, created_at) VALUES (?, ?, ?, 1)',
          `t${n}`,
          'x'.repeat(80),
          `t${n}`,
        )
    })
    first.db.pragma('wal_checkpoint(TRUNCATE)')
    first.close()
    const bytes = fs.readFileSync(file())
    const page = bytes.readUInt16BE(16)
    // Whatever these pages hold, they cannot all be valid b-tree pages of zeros and ones.
    for (let at = page * 4; at < bytes.length; at += page) bytes.fill(0xff, at, at + 64)
    fs.writeFileSync(file(), bytes)
    expect(problem().code).toBe('BROKEN')
    const aside = setAside(dataDir, Date.UTC(2026, 0, 2))
    expect(fs.readFileSync(aside).equals(bytes)).toBe(true)
    library().close()
  })

  test('too large to be checked at each start is checked once it is suspected', () => {
    const first = library()
    const name = (n: number) => String(n).padStart(64, '0')
    first.write(() => {
      for (let n = 0; n < 33; n++)
        first.run('INSERT INTO blobs (sha256, size, bytes) VALUES (?, 2097152, zeroblob(2097152))', name(n))
    })
    const { root } = first.get<{ root: number }>("SELECT rootpage AS root FROM sqlite_schema WHERE name = 'ratings'")
    first.db.pragma('wal_checkpoint(TRUNCATE)')
    first.close()
    suspect(dataDir)
    library().close()
    expect(fs.existsSync(path.join(dataDir, 'library.suspect'))).toBe(false)
    const fd = fs.openSync(file(), 'r+')
    fs.writeSync(fd, Buffer.alloc(4096, 0xff), 0, 4096, (root - 1) * 4096)
    fs.closeSync(fd)
    const opened = library()
    let told = 0
    opened.suspected = () => {
      told++
    }
    expect(() => opened.all('SELECT * FROM ratings')).toThrow('malformed')
    expect(told).toBe(1)
    opened.close()
    suspect(dataDir)
    expect(problem().code).toBe('BROKEN')
    expect(problem().code).toBe('BROKEN')
  })

  test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'in a read-only folder says so (not as root, who may write anyway)',
    () => {
      fs.chmodSync(dataDir, 0o500)
      expect(problem().code).toBe('UNWRITABLE')
      fs.chmodSync(dataDir, 0o700)
    },
  )

  test('whose folder is a file says so', () => {
    const at = path.join(dataDir, 'a-file')
    fs.writeFileSync(at, '')
    const opened = openLibrary({ dataDir: at, migrations, now: () => 0 })
    expect('problem' in opened && opened.problem.code).toBe('UNWRITABLE')
  })
})

describe('migrations', () => {
  const add = (name: string, sql: string) => fs.writeFileSync(path.join(migrations, name), sql)

  test('a backup is taken first and holds what was there', () => {
    const first = library()
    seed(first)
    first.close()
    add('9000_more.sql', 'ALTER TABLE tenants ADD COLUMN colour TEXT')
    library().close()
    const [backup] = fs.readdirSync(path.join(dataDir, 'backups'))
    expect(backup).toBe('library-20260102-030405-before-9000_more.db')
    const copy = new Database(path.join(dataDir, 'backups', backup ?? ''), { readonly: true })
    expect(copy.prepare('SELECT * FROM tenants').all()).toEqual([{ id: 't', name: 'T', slug: 't', created_at: 1 }])
    copy.close()
  })

  test('one that fails is undone whole, and the library still opens with the old app', () => {
    const first = library()
    seed(first)
    first.close()
    add('9000_half.sql', 'DELETE FROM tenants; CREATE TABLE half (x); INSERT INTO nowhere VALUES (1);')
    expect(problem()).toMatchObject({ code: 'MIGRATION_FAILED', happened: expect.stringContaining('9000_half.sql') })
    fs.rmSync(path.join(migrations, '9000_half.sql'))
    const again = library()
    expect(again.get<{ n: number }>('SELECT count(*) AS n FROM tenants').n).toBe(1)
    expect(again.find("SELECT 1 FROM sqlite_schema WHERE name = 'half'")).toBeUndefined()
    again.close()
  })

  test('a table rebuild loses no row under ON DELETE CASCADE (drizzle-orm#5782)', () => {
    const first = library()
    seed(first)
    first.run("INSERT INTO users (id, tenant_id, name, created_at) VALUES ('u', 't', 'U', 1)")
    first.close()
    add(
      '9000_rebuild.sql',
      `CREATE TABLE new_tenants (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, slug TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL) STRICT;
       INSERT INTO new_tenants SELECT * FROM tenants; DROP TABLE tenants; ALTER TABLE new_tenants RENAME TO tenants;`,
    )
    const again = library()
    expect(again.all('SELECT id FROM users')).toEqual([{ id: 'u' }])
    again.close()
  })

  test('one that leaves rows pointing nowhere is refused', () => {
    const first = library()
    seed(first)
    first.run("INSERT INTO users (id, tenant_id, name, created_at) VALUES ('u', 't', 'U', 1)")
    first.close()
    add('9000_orphan.sql', 'DELETE FROM tenants')
    expect(problem().happened).toContain('1 rows would point at rows that are not there')
  })

  test('one numbered before the newest applied is still run (drizzle-orm#5769)', () => {
    add('9000_late.sql', 'CREATE TABLE late (x)')
    library().close()
    add('8000_early.sql', 'CREATE TABLE early (x)')
    const again = library()
    expect(again.find("SELECT 1 FROM sqlite_schema WHERE name = 'early'")).toBeDefined()
    again.close()
  })

  test('one edited after it was applied is refused', () => {
    add('9000_more.sql', 'CREATE TABLE more (x)')
    library().close()
    add('9000_more.sql', 'CREATE TABLE more (x, y)')
    expect(problem()).toMatchObject({ code: 'MIGRATION_FAILED', happened: expect.stringContaining('9000_more.sql') })
  })
})

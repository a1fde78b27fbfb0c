import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import type Database from 'better-sqlite3'

/**
 * Our own runner, for drizzle's loses rows: a table rebuild inside its transaction cannot switch foreign keys off
 * (drizzle-orm#5782), and a migration dated before the newest applied one is never run (#5769). Here keys are off outside
 * each transaction, `foreign_key_check` comes before each commit, and every unseen migration is applied, by number.
 */
export type Migration = { id: number; name: string; sql: string; hash: string }
export type MigrationPlan =
  | { kind: 'ready'; pending: Migration[]; applied: number }
  /** The library has a migration that this app does not know. */
  | { kind: 'newer'; unknown: number[] }
  /** A migration was edited after this library applied it. */
  | { kind: 'rewritten'; name: string }

/** Reads `0010_name.sql` files, in the order of their numbers. */
export function readMigrations(folder: string): Migration[] {
  return fs
    .readdirSync(folder)
    .flatMap(name => {
      const number = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]
      if (number === undefined) return []
      const sql = fs.readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n')
      return [{ id: Number(number), name, sql, hash: createHash('sha256').update(sql).digest('hex') }]
    })
    .sort((a, b) => a.id - b.id)
}

export function planMigrations(db: Database.Database, known: readonly Migration[]): MigrationPlan {
  const hasTable = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'migrations'").get() !== undefined
  const applied = hasTable
    ? db.prepare<[], { id: number; hash: string }>('SELECT id, hash FROM migrations ORDER BY id').all()
    : []
  const byId = new Map(known.map(migration => [migration.id, migration]))
  const unknown = applied.filter(row => !byId.has(row.id)).map(row => row.id)
  if (unknown.length > 0) return { kind: 'newer', unknown }
  for (const row of applied) {
    const migration = byId.get(row.id)
    if (migration && migration.hash !== row.hash) return { kind: 'rewritten', name: migration.name }
  }
  const done = new Set(applied.map(row => row.id))
  return { kind: 'ready', pending: known.filter(migration => !done.has(migration.id)), applied: applied.length }
}

/** Applies each in a transaction of its own. Throws with the migration's name; what came before it stays applied. */
export function applyMigrations(db: Database.Database, pending: readonly Migration[], now: number): void {
  db.exec(
    'CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
  )
  db.pragma('foreign_keys = OFF')
  try {
    for (const migration of pending) {
      db.exec('BEGIN IMMEDIATE')
      try {
        // Another process may have been first: two windows started at once after an update.
        const done = db.prepare('SELECT 1 FROM migrations WHERE id = ?').get(migration.id) !== undefined
        if (!done) {
          db.exec(migration.sql)
          const broken = db.pragma('foreign_key_check')
          if (Array.isArray(broken) && broken.length > 0)
            throw new Error(`${broken.length} rows would point at rows that are not there`)
          db.prepare('INSERT INTO migrations (id, name, hash, applied_at) VALUES (?, ?, ?, ?)').run(
            migration.id,
            migration.name,
            migration.hash,
            now,
          )
        }
        db.exec('COMMIT')
      } catch (error) {
        if (db.inTransaction) db.exec('ROLLBACK')
        throw new Error(`${migration.name}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        })
      }
    }
  } finally {
    db.pragma('foreign_keys = ON')
  }
}

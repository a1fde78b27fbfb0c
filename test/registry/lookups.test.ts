import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushRows, pushSkills, pushVersions } from '../../electron/registry/postgres.ts'
import { noPostgres } from '../support/postgres.ts'
import { newRating, newSkill, newVersion, startTestRegistry, type TestDatabase, type TestRegistry } from './registry.ts'

/** How much is read for a page, whatever the server's statistics know: here they are never gathered. */
describe.skipIf(noPostgres !== undefined)(`looking rows up${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let registry: TestRegistry
  let db: TestDatabase
  let owner: pg.Client
  let author: pg.Client
  beforeAll(async () => {
    registry = await startTestRegistry()
    db = await registry.database()
    author = await db.as(registry.a.author)
    owner = await db.owner()
  })
  afterAll(async () => {
    await db.close()
    await registry.stop()
  })

  /** Rows that were read of a table by any of its indexes. */
  async function readOf(table: string): Promise<number> {
    await author.query('SELECT pg_stat_force_next_flush()')
    const { rows } = await owner.query<{ n: string }>(
      `SELECT sum(idx_tup_read) AS n FROM pg_stat_user_indexes WHERE schemaname = 'whetstone' AND relname = $1`,
      [table],
    )
    return Number(rows[0]?.n)
  }

  test('a page of ratings reads as many rows as it has, however many that member gave', async () => {
    const skill = newSkill()
    const versions = Array.from({ length: 3_000 }, () => newVersion(skill.id))
    await pushSkills(author, [skill])
    await pushVersions(author, versions)
    const ratings = versions.map(version => newRating(skill.id, version.id))
    const before = await readOf('ratings')
    for (let from = 0; from < ratings.length; from += 250) {
      const pushed = await pushRows(author, 'ratings', ratings.slice(from, from + 250))
      expect(pushed).toMatchObject({ kind: 'answered', rows: expect.objectContaining({ length: 250 }) })
    }
    expect((await readOf('ratings')) - before).toBeLessThanOrEqual(ratings.length)

    // Told again they are found, each by its key and by its id.
    const again = await readOf('ratings')
    const pushed = await pushRows(author, 'ratings', ratings)
    expect(pushed.kind === 'answered' && pushed.rows.every(row => row.state === 'identical')).toBe(true)
    expect((await readOf('ratings')) - again).toBeLessThanOrEqual(ratings.length * 3)
  })
})

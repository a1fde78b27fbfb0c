import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type PushableTable,
  pushRows,
  pushSkills,
  pushVersions,
  type RowToPush,
} from '../../electron/registry/postgres.ts'
import { noPostgres } from '../support/postgres.ts'
import {
  newCase,
  newFeedback,
  newMeasurement,
  newRating,
  newResult,
  newRun,
  newSkill,
  newUsageEvent,
  newVersion,
  startTestRegistry,
  type TestDatabase,
  type TestRegistry,
} from './registry.ts'

const ROWS = 3_000
const PAGE = 250

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

  /** Rows that were read by any index, of all tables or of one. */
  async function readOf(table?: string): Promise<number> {
    await author.query('SELECT pg_stat_force_next_flush()')
    const { rows } = await owner.query<{ n: string }>(
      `SELECT sum(idx_tup_read) AS n FROM pg_stat_user_indexes WHERE schemaname = 'whetstone' AND ($1::text IS NULL OR relname = $1)`,
      [table],
    )
    return Number(rows[0]?.n)
  }

  type Said = { kind: string; rows?: readonly { state: string }[] }
  /** What was read for each page, none of which was there. */
  async function readByPage<Row>(
    rows: readonly Row[],
    push: (page: readonly Row[]) => Promise<Said>,
  ): Promise<number[]> {
    const read: number[] = []
    for (let from = 0; from < rows.length; from += PAGE) {
      const before = await readOf()
      const page = rows.slice(from, from + PAGE)
      const said = await push(page)
      expect(said.rows?.map(row => row.state)).toEqual(page.map(() => 'inserted'))
      read.push((await readOf()) - before)
    }
    return read
  }

  const skills = Array.from({ length: ROWS }, () => newSkill())
  const versions = skills.map(skill => newVersion(skill.id))
  const cases = skills.map(skill => newCase(skill.id))
  const runs = versions.map(version => newRun(version.skill_id, version.id))
  const ofEach = (make: (skillId: string, versionId: string) => RowToPush): RowToPush[] =>
    versions.map(version => make(version.skill_id, version.id))
  const rowsOf: [PushableTable, RowToPush[]][] = [
    ['ratings', ofEach(newRating)],
    ['feedback', ofEach(newFeedback)],
    ['usage_events', ofEach(newUsageEvent)],
    ['measurements', ofEach(newMeasurement)],
    ['benchmark_cases', cases],
    ['benchmark_runs', runs],
    ['benchmark_results', runs.map((run, n) => newResult(run.id, cases[n]?.id ?? ''))],
  ]

  test.each<[string, () => Promise<number[]>]>([
    ['skills', () => readByPage(skills, page => pushSkills(author, page))],
    ['versions', () => readByPage(versions, page => pushVersions(author, page))],
    ...rowsOf.map(([table, rows]): [string, () => Promise<number[]>] => [
      table,
      () => readByPage(rows, page => pushRows(author, table, page)),
    ]),
  ])('a page of %s does not read for each row what the team has', async (_name, push) => {
    const read = await push()
    // Each row's own lookups, and the team's skills a few times for the page. A table of a few pages may be gone through.
    for (const page of read.slice(read.length / 2)) expect(page).toBeLessThanOrEqual(PAGE * 100)
  })

  test('a page of ratings reads as many rows as it has, however many that member gave', async () => {
    const skill = newSkill()
    const versions = Array.from({ length: ROWS }, () => newVersion(skill.id))
    await pushSkills(author, [skill])
    await pushVersions(author, versions)
    const ratings = versions.map(version => newRating(skill.id, version.id))
    const before = await readOf('ratings')
    await readByPage(ratings, page => pushRows(author, 'ratings', page))
    expect((await readOf('ratings')) - before).toBeLessThanOrEqual(ratings.length)

    // Told again they are found, each by its key and by its id.
    const again = await readOf('ratings')
    const pushed = await pushRows(author, 'ratings', ratings)
    expect(pushed.kind === 'answered' && pushed.rows.every(row => row.state === 'identical')).toBe(true)
    expect((await readOf('ratings')) - again).toBeLessThanOrEqual(ratings.length * 3)
  })
})

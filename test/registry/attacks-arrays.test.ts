import type pg from 'pg'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushSkills, pushVersions, VERSION_COLUMNS } from '../../electron/registry/postgres.ts'
import { noPostgres } from '../support/postgres.ts'
import { AttackField } from './attack-field.ts'
import { newSkill, newVersion } from './registry.ts'

const TRICKS: Record<string, (list: readonly string[]) => string> = {
  'begins at 0': list => `[0:${list.length - 1}]={${list.join(',')}}`,
  'begins at 2': list => `[2:${list.length + 1}]={${list.join(',')}}`,
  'begins below 0': list => `[-5:${list.length - 6}]={${list.join(',')}}`,
  'has two dimensions': list => `{${list.map(one => `{${one}}`).join(',')}}`,
  'has two dimensions, one wide': list => `{{${list.join(',')}}}`,
  'is shorter': list => `{${list.slice(1).join(',')}}`,
  'is longer': list => `{${[...list, list[0]].join(',')}}`,
  'is empty': () => '{}',
}
/** What only a list of ids may not be. */
const ID_TRICKS: Record<string, (list: readonly string[]) => string> = {
  ...TRICKS,
  'holds a NULL': list => `{${list.slice(1).join(',')},NULL}`,
  'is all NULL': list => `{${list.map(() => 'NULL').join(',')}}`,
  'names one twice': list => `{${list.map(() => list[0]).join(',')}}`,
}
const REFUSED = ['2202E', '22004', 'WS404', 'WS409', 'WS413', '23502', '23514']

/** Every array that a member's function takes × what an array of Postgres can be beside a list. */
describe.skipIf(noPostgres !== undefined)(`attacks: arrays${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let field: AttackField
  let author: pg.Client
  const mine = [newSkill(), newSkill()]
  const theirs = newSkill()
  const kept = mine.map(skill => newVersion(skill.id))
  let before: unknown
  beforeAll(async () => {
    field = await AttackField.open()
    author = await field.db.as(field.b.author)
    const other = await field.db.as(field.b.other)
    await pushSkills(author, mine)
    await pushSkills(other, [theirs])
    await pushVersions(author, kept)
    before = await skills()
  })
  afterAll(async () => {
    await field.syncOfA()
    await field.close()
  })
  const skills = async () =>
    (await author.query('SELECT id, name, description, draft_version_id, versions FROM whetstone.skills ORDER BY id'))
      .rows

  /** A page of two versions of two skills, as columns. */
  const page = () => {
    const rows = mine.map(skill => newVersion(skill.id, { name: 'taken-over', description: 'taken over' }))
    return VERSION_COLUMNS.map(column => rows.map(row => row[column] ?? 'NULL'))
  }
  const literal = (list: readonly string[]) =>
    `{${list.map(one => (one === 'NULL' ? one : `"${one.replaceAll('"', '\\"')}"`)).join(',')}}`
  const quoted = (list: readonly string[]) =>
    list.map(one => (one === 'NULL' ? one : `"${one.replaceAll('"', '\\"')}"`))
  const call = `SELECT * FROM whetstone.push_versions(${VERSION_COLUMNS.map((_, n) => `$${n + 1}::text[]`).join(', ')})`

  for (const [at, column] of VERSION_COLUMNS.entries())
    for (const [trick, of] of Object.entries(column === 'id' || column === 'skill_id' ? ID_TRICKS : TRICKS))
      test(`push_versions: ${column} ${trick}: refused, and nothing has moved`, async () => {
        const columns = page()
        const values = columns.map(literal)
        values[at] = of(quoted(columns[at] ?? []))
        // Two versions of one skill are what a skill's id twice says.
        if (column === 'skill_id' && trick === 'names one twice') return
        await field.refused(author, call, REFUSED, values)
        expect(await skills()).toEqual(before)
      })

  test('push_versions: every column moved alike: refused', async () => {
    for (const trick of ['begins at 0', 'begins at 2', 'has two dimensions', 'has two dimensions, one wide'])
      await field.refused(
        author,
        call,
        REFUSED,
        page().map(list => TRICKS[trick]?.(quoted(list)) ?? ''),
      )
    expect(await skills()).toEqual(before)
  })

  test('push_versions: a column that is NULL as a whole: refused', async () => {
    for (const [at] of VERSION_COLUMNS.entries()) {
      const values: (string | null)[] = page().map(literal)
      values[at] = null
      await field.refused(author, call, REFUSED, values)
    }
  })

  for (const entity of ['skills', 'ratings', 'skill_feedback', 'benchmark_cases', 'benchmark_runs'])
    test(`remove_rows of ${entity}: ids that are no list: refused`, async () => {
      for (const [trick, of] of Object.entries(ID_TRICKS)) {
        // A list of one or three is a list.
        if (trick === 'is shorter') continue
        const ids = of([v7(), v7()])
        await field.refused(author, 'SELECT * FROM whetstone.remove_rows($1, $2::text[])', REFUSED, [entity, ids])
      }
      await field.refused(author, 'SELECT * FROM whetstone.remove_rows($1, NULL)', REFUSED, [entity])
    })

  test('a page of JSON without ids, or with one twice: refused', async () => {
    for (const table of [
      'skills',
      'ratings',
      'feedback',
      'measurements',
      'usage_events',
      'benchmark_cases',
      'benchmark_runs',
    ])
      for (const sent of ['[]', '[{}]', '[{"id":null}]', '[{"id":"a"},{"id":"a"}]', `[{"id":"${v7()}"},{}]`])
        await field.refused(author, `SELECT * FROM whetstone.push_${table}($1)`, REFUSED, [sent])
  })

  test('no other function of a member’s takes an array', async () => {
    const { rows } = await author.query<{ name: string }>(
      `SELECT p.proname AS name FROM pg_proc p WHERE p.pronamespace = 'whetstone'::regnamespace
         AND has_function_privilege(p.oid, 'EXECUTE') AND 'text[]'::regtype::oid = ANY (p.proargtypes) ORDER BY 1`,
    )
    expect(rows.map(row => row.name)).toEqual(['push_versions', 'remove_rows'])
  })
})

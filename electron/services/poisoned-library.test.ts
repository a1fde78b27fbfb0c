import path from 'node:path'
import { createRouterClient } from '@orpc/server'
import Database from 'better-sqlite3'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { projectDir } from '../../test/support/backend.ts'
import { teamInTest } from '../../test/support/team.ts'
import { twoWithOneSkill, versionOf } from '../../test/sync/rounds-support.ts'
import { Library } from '../library/library.ts'
import { applyMigrations, readMigrations } from '../library/migrate.ts'
import { putVersion } from '../library/mirror-versions.ts'
import { updateSyncState } from '../library/sync-states.ts'
import { findVersion } from '../library/versions.ts'
import { casesService } from './cases.ts'
import { measurementsService } from './measurements.ts'

const METADATA = [
  'null',
  '5',
  '[]',
  '{"author":5}',
  '{"author":{"name":"Ada"}}',
  '{"copyOf":{"createdAt":"x"}}',
  '{"copyOf":{"createdAt":1e300}}',
  '{"sourceRef":{"a":1}}',
]
const LISTS = ['{"a":1}', 'null', '5', '"x"', '[1]', '[null]', '[["x"]]']

/** Puts rows in as an app did before there were rules. */
function poison(t: ReturnType<typeof teamInTest>) {
  const { library, tenantId, grace } = t
  const skills = LISTS.map((tags, n) => {
    const id = t.skill(`poisoned-${n}`, grace)
    library.run('UPDATE skills SET tags = ? WHERE id = ?', tags, id)
    return id
  })
  const skillId = t.skill('with-history', grace)
  let parent: string | null = null
  for (const [n, metadata] of METADATA.entries()) {
    parent = t.arrive(skillId, n + 1, grace, `text ${n}`, parent)
    library.run(
      'INSERT INTO invalid_rows VALUES (?, ?, ?, 0, ?, NULL, ?, ?, 1)',
      tenantId,
      'skill_versions',
      parent,
      '',
      '{}',
      '',
    )
    library.run('UPDATE skill_versions SET metadata = ? WHERE id = ?', metadata, parent)
  }
  library.run('DELETE FROM invalid_rows')
  for (const models of LISTS)
    library.run(
      `INSERT INTO benchmark_runs (id, tenant_id, skill_id, skill_version_id, case_set_hash, models, provenance, settings, created_at)
       VALUES (?, ?, ?, ?, 'h', ?, ?, ?, 1)`,
      v7(),
      tenantId,
      skillId,
      parent,
      models,
      models,
      models,
    )
  for (const list of LISTS)
    library.run(
      `INSERT INTO benchmark_cases (id, tenant_id, skill_id, name, prompt, tags, files, assertions, provenance, created_at, updated_at)
       VALUES (?, ?, ?, 'c', 'p', ?, ?, ?, ?, 1, 1)`,
      ...[v7(), tenantId, skillId, list, list, list, list],
    )
  return { skills, skillId }
}

test('a library that holds JSON of another shape lists and opens everything: what does not fit is as good as not there', async () => {
  await using t = teamInTest()
  const { skills, skillId } = poison(t)
  const { rows } = await t.api.skills.list({ tenantId: t.tenantId })
  expect(rows.map(row => row.id)).toEqual(expect.arrayContaining(skills))
  expect(rows.filter(row => skills.includes(row.id)).map(row => row.tags)).toEqual(LISTS.map(() => []))
  const versions = await t.api.versions.list({ skillId })
  expect(versions).toHaveLength(METADATA.length)
  for (const version of versions) {
    expect(version.author.name).toBe('Grace')
    await t.api.versions.get({ id: version.id })
  }
  const { cases, measurements } = createRouterClient({
    cases: casesService(t.context),
    measurements: measurementsService(t.context),
  })
  expect((await cases.list({ skillId })).cases).toHaveLength(LISTS.length)
  const runs = await measurements.runs({ skillId })
  expect(runs).toHaveLength(LISTS.length)
  await measurements.pair({ left: runs[0]?.id ?? '', right: runs[1]?.id ?? '' })
})

test('a library with figures that are no exact numbers is put right when it is opened', async () => {
  const all = readMigrations(path.join(projectDir, 'migrations', 'sqlite'))
  const db = new Database(':memory:')
  applyMigrations(
    db,
    all.filter(one => one.id <= 110),
    0,
  )
  db.exec(`
    INSERT INTO tenants VALUES ('t', 'T', 't', 1);
    INSERT INTO users (id, tenant_id, name, created_at) VALUES ('u', 't', 'U', 1);
    INSERT INTO spaces (tenant_id, kind, user_id, created_at) VALUES ('t', 'team', 'u', 1);
    INSERT INTO skills (id, tenant_id, slug, name, tags, author_id, created_at, updated_at) VALUES ('s', 't', 's', 'S', '[1]', 'u', 1, 1);
    INSERT INTO token_measurements (id, tenant_id, skill_id, model_name, model_provider, estimated_cost_microcents, created_at)
      VALUES ('m', 't', 's', 'm', 'p', 9007199254740993, 1), ('n', 't', 's', 'm', 'p', 7, 1), ('o', 't', 's', 'm', 'p', -9, 1);
    INSERT INTO benchmark_cases (id, tenant_id, skill_id, name, prompt, weight, created_at, updated_at) VALUES ('c', 't', 's', 'c', 'p', 9e999, 1, 1);
    INSERT INTO benchmark_runs (id, tenant_id, skill_id, case_set_hash, cheapest_cost_microcents, started_at, created_at)
      VALUES ('r', 't', 's', 'h', 9223372036854775807, 9000000000000000, 9000000000000000);
    INSERT INTO benchmark_results (id, tenant_id, run_id, case_id, model_name, model_provider, estimated_cost_microcents, latency_ms, created_at)
      VALUES ('x', 't', 'r', 'c', 'm', 'p', 9223372036854775807, -1, 1);
    INSERT INTO waiting_rows VALUES ('t', 'ratings', 'z', 3, '{"skill_id":"s"}', 'unfit: NOT NULL'), ('t', 'ratings', 'y', 4, '{}', 'skills q')`)
  applyMigrations(db, all, 0)
  const library = new Library()
  library.open(db)
  expect(library.find("SELECT tags, avg_token_cost_microcents AS cost FROM skills WHERE id = 's'")).toEqual({
    tags: '[]',
    cost: 7,
  })
  expect(library.find('SELECT weight FROM benchmark_cases')).toEqual({ weight: 1 })
  expect(library.find('SELECT cheapest_cost_microcents AS cost, started_at, created_at FROM benchmark_runs')).toEqual({
    ...{ cost: null, started_at: null },
    created_at: 8.64e15,
  })
  expect(library.find('SELECT estimated_cost_microcents AS cost, latency_ms FROM benchmark_results')).toEqual({
    cost: null,
    latency_ms: null,
  })
  expect(library.all('SELECT id, about, problem FROM invalid_rows')).toEqual([
    { id: 'z', about: 's', problem: 'NOT NULL' },
  ])
  expect(library.all('SELECT id FROM waiting_rows')).toEqual([{ id: 'y' }])
  db.close()
})

test('a version that broke the rules is corrected when its registry has corrected it, and no other one is', async () => {
  await using t = teamInTest()
  const { library, tenantId, grace } = t
  const skillId = t.skill('with-history', grace)
  const [bad, good] = [t.arrive(skillId, 1, grace, 'one', null), t.arrive(skillId, 2, grace, 'two', null)]
  library.run(
    'INSERT INTO invalid_rows VALUES (?, ?, ?, 0, ?, NULL, ?, ?, 1)',
    tenantId,
    'skill_versions',
    bad,
    '',
    '{}',
    '',
  )
  library.run("UPDATE skill_versions SET metadata = 'null', name = ? WHERE id = ?", 'x\u202ey', bad)
  library.run('DELETE FROM invalid_rows')
  const sent = (id: string, over: object) => ({ ...findVersion(library, id), ...over })
  const put = (row: object) => library.write(() => putVersion(library, { ...row }, tenantId, false))
  expect(put(sent(bad, { metadata: '{}', name: 'xy' }))).toMatchObject({ kind: 'put', corrected: ['name', 'metadata'] })
  expect(findVersion(library, bad)).toMatchObject({ metadata: '{}', name: 'xy', version: 1 })
  // What it was is kept.
  const kept = library.get<{ row: string; replaced: number }>(
    'SELECT row, replaced FROM invalid_rows WHERE id = ?',
    bad,
  )
  expect(kept.replaced).toBe(1)
  expect(JSON.parse(kept.row)).toMatchObject({ metadata: 'null', name: 'x\u202ey' })
  // The same again is no news; a sound one never changes, nor does what a corrected one holds.
  expect(put(sent(bad, {}))).toMatchObject({ kind: 'put', fresh: false })
  expect(put(sent(good, { name: 'other' }))).toEqual({ kind: 'rewritten', differs: ['name'] })
  expect(put(sent(bad, { name: 'other' }))).toEqual({ kind: 'rewritten', differs: ['name'] })
  expect(put(sent(bad, { content_hash: 'f'.repeat(64) }))).toEqual({ kind: 'rewritten', differs: ['content_hash'] })
})

test('a row that is set aside is told once by its skill, and comes in when it is as it should be', async () => {
  const { office, ben, skillId } = await twoWithOneSkill()
  const versionId = await versionOf(ben, skillId)
  const real = office.registry.remoteFor(ben.member.login)
  const cleo = [...office.registry.rowsOf(ben.tenantId, 'users').values()].find(user => user.name === 'Cleo')
  const version = office.registry.rowsOf(ben.tenantId, 'skill_versions').get(versionId)
  const id = v7()
  let metadata = 'null'
  ben.fault = call =>
    call === 'pull'
      ? real.pull({ since: 0, mark: null }, 2_000).then(said =>
          said.kind === 'page'
            ? {
                ...said,
                changes: [
                  ...said.changes,
                  ...[1, 2].map(n => ({
                    ...{
                      seq: n,
                      entity: 'skill_versions',
                      operation: 'put',
                      id: n === 1 ? id : `${id.slice(0, -4)}abcd`,
                    },
                    row: {
                      ...{ ...version, id: n === 1 ? id : `${id.slice(0, -4)}abcd`, version: n + 1, metadata },
                      created_by: cleo?.id ?? null,
                    },
                  })),
                ],
              }
            : said,
        )
      : undefined
  const again = async () => {
    updateSyncState(ben.library, ben.tenantId, { since: 0, mark: null })
    return await ben.round()
  }
  expect(await again()).toEqual({ kind: 'done' })
  expect(await again()).toEqual({ kind: 'done' })
  const told = ben.library.all<{ happened: string; by_name: string; kept: string }>(
    "SELECT * FROM conflicts WHERE kind = 'invalid'",
  )
  expect(told).toHaveLength(1)
  expect(told[0]?.by_name).toBe('Cleo')
  expect(told[0]?.happened).toBe('A version of pdf-forms from Cleo and 1 more entry can’t be used.')
  expect(told[0]?.kept).toMatch(
    /^They were set aside; .* What is wrong with the first: metadata must be an object .*\. Ask Cleo to update Whetstone/,
  )
  expect((await ben.app.api.versions.list({ skillId })).map(one => one.number)).toEqual([1])
  metadata = '{}'
  expect(await again()).toEqual({ kind: 'done' })
  expect((await ben.app.api.versions.list({ skillId })).map(one => one.number)).toEqual([3, 2, 1])
  expect(ben.library.all("SELECT 1 FROM conflicts WHERE kind = 'invalid'")).toEqual([])
  expect(ben.library.all('SELECT 1 FROM invalid_rows')).toEqual([])
})

test('in a team the member who saved a version and the registry’s date come first, what they claim is beside it', async () => {
  await using t = teamInTest()
  const skillId = t.skill('with-history', t.grace)
  const id = t.arrive(skillId, 1, t.grace, 'one', null)
  const metadata = '{"author":{"name":"Ada (admin)\\u001b[0m","email":"ada@example.com"},"copyOf":{"createdAt":2001}}'
  t.library.run(
    'INSERT INTO invalid_rows VALUES (?, ?, ?, 0, ?, NULL, ?, ?, 1)',
    t.tenantId,
    'skill_versions',
    id,
    '',
    '{}',
    '',
  )
  t.library.run('UPDATE skill_versions SET metadata = ? WHERE id = ?', metadata, id)
  const [version] = await t.api.versions.list({ skillId })
  expect(version?.author.name).toBe('Grace')
  expect(version?.createdAt).toBe(findVersion(t.library, id)?.created_at)
  expect(version?.claimed).toEqual({ author: { name: 'Ada (admin) [0m', email: 'ada@example.com' }, createdAt: 2_001 })
})

test('members whose names look alike are told apart by their addresses, or by their ids', async () => {
  await using t = teamInTest()
  const skillId = t.skill('with-history', t.grace)
  t.arrive(skillId, 1, t.grace, 'one', null)
  t.library.run('UPDATE users SET name = ?, email = ? WHERE id = ?', 'A\u200dDA ', 'grace@example.com', t.grace)
  t.library.run('UPDATE users SET email = ? WHERE id = ?', 'ada@example.com', t.me)
  const by = async () => (await t.api.versions.list({ skillId }))[0]?.author.name
  expect(await by()).toBe('A\u200dDA  (grace@example.com)')
  expect((await t.api.skills.get({ id: skillId })).authorName).toBe('A\u200dDA  (grace@example.com)')
  t.library.run('UPDATE users SET email = ? WHERE id = ?', 'ADA@example.com', t.grace)
  expect(await by()).toBe('A\u200dDA  (…-grace)')
  t.library.run('UPDATE users SET name = ? WHERE id = ?', 'Grace', t.grace)
  expect(await by()).toBe('Grace')
})

import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { examine } from '../../electron/registry/doctor.ts'
import { migrateRegistry } from '../../electron/registry/migrate.ts'
import { pushRows, pushSkills, pushVersions } from '../../electron/registry/postgres.ts'
import { type Change, pull } from '../../electron/registry/pull.ts'
import { admitRow } from '../../shared/domain/rows/gate.ts'
import { isSyncedName } from '../../shared/domain/rows/synced.ts'
import { noPostgres, startTestPostgres, type TestPostgres } from '../support/postgres.ts'
import { migrations, newCase, newMeasurement, newRun, newSkill, newVersion } from './registry.ts'
import { registryBefore } from './registry-before.ts'

/** A registry as it was before its rows had rules (0140), with what a member could write into it then; and then migrated. */
describe.skipIf(noPostgres !== undefined)(
  `a registry that holds hostile rows is migrated${noPostgres ? `: ${noPostgres}` : ''}`,
  () => {
    let postgres: TestPostgres
    beforeAll(async () => {
      postgres = await startTestPostgres()
    })
    afterAll(() => postgres.stop())

    const before = async () => {
      const { db, owner, ada, eve } = await registryBefore(postgres)
      return { owner, ada: await db.as(ada), eve: await db.as(eve) }
    }
    const pullAll = async (client: pg.Client, since = 0, mark: string | null = null) => {
      const page = await pull(client, { since, mark }, 2_000)
      if (page.kind !== 'page') throw new Error(page.kind)
      return page
    }
    const rowOf = (changes: readonly Change[], id: string) => {
      const change = changes.findLast(one => one.id === id)
      return change?.operation === 'put' ? change.row : change?.operation
    }

    test('what breaks a rule is quarantined and corrected or removed, clients hear of it, and every rule holds', async () => {
      const { owner, ada, eve } = await before()
      const good = newSkill()
      const [slug, twin] = [newSkill({ slug: '../../.ssh' }), newSkill({ slug: '../../.SSH' })]
      const tags = newSkill({ tags: '{"a":1}', forked_at_version_id: 'x'.repeat(100_000), name: 'a\u001b[31mb\u202e' })
      const version = newVersion(good.id)
      const hostile = newVersion(good.id, { metadata: 'null', name: 'x\u202ey', parent_version_id: version.id })
      const nul = newVersion(good.id, { metadata: '{"author":{"name":"a\\u0000","email":""}}' })
      const cost = newMeasurement(good.id, version.id, { estimated_cost_microcents: '9223372036854775807' })
      const run = newRun(good.id, version.id, { models: '{"a":1}', started_at: 9e15 })
      const one = newCase(good.id, { weight: 'NaN' })
      const [bad, kept] = [
        newMeasurement(good.id, version.id, { id: '../../x' }),
        newSkill({ id: '__proto__', slug: 'kept' }),
      ]
      const answers = [
        await pushSkills(eve, [good, slug, twin, tags, kept]),
        await pushVersions(eve, [version, hostile, nul]),
        await pushRows(eve, 'measurements', [cost, bad]),
        await pushRows(eve, 'benchmark_runs', [run]),
        await pushRows(eve, 'benchmark_cases', [one]),
      ]
      for (const answer of answers)
        expect(answer.kind === 'answered' && answer.rows.map(row => row.state)).not.toContain('refused')
      await eve.query("SELECT whetstone.update_profile(E'Ada\\u202e', NULL)")
      const known = await pullAll(ada)

      expect(await migrateRegistry(owner, migrations, Date.now())).toMatchObject({ kind: 'ready' })

      const news = await pullAll(ada, known.next.since, known.next.mark)
      for (const change of news.changes)
        if (change.operation === 'put' && isSyncedName(change.entity) && change.id !== kept.id)
          expect(admitRow(change.entity, change.row), `${change.entity} ${change.id}`).toMatchObject({ kind: 'row' })
      const [safe, other] = [rowOf(news.changes, slug.id), rowOf(news.changes, twin.id)]
      expect(safe).toMatchObject({ slug: expect.stringMatching(/^ssh-[0-9a-f]{12}$/) })
      expect(other).toMatchObject({ slug: expect.stringMatching(/^ssh-[0-9a-f]{12}$/) })
      expect(safe).not.toEqual(other)
      expect(rowOf(news.changes, tags.id)).toMatchObject({ tags: '[]', forked_at_version_id: null, name: 'a [31mb' })
      expect(rowOf(news.changes, hostile.id)).toMatchObject({
        metadata: '{}',
        name: 'xy',
        parent_version_id: version.id,
      })
      expect(rowOf(news.changes, nul.id)).toMatchObject({ metadata: '{}' })
      expect(rowOf(news.changes, cost.id)).toMatchObject({ estimated_cost_microcents: null })
      expect(rowOf(news.changes, run.id)).toMatchObject({ models: '[]', started_at: null })
      expect(rowOf(news.changes, one.id)).toMatchObject({ weight: 1 })
      expect(rowOf(news.changes, bad.id)).toBe('delete')
      // What was as it should be did not move.
      expect(news.changes.map(change => change.id)).not.toContain(version.id)

      // The originals are there for an admin, and for nobody else.
      const quarantined = 'SELECT entity, id, columns, original, outcome FROM whetstone.quarantined_rows'
      const { rows } = await ada.query<{ id: string; columns: string[]; original: string; outcome: string }>(
        quarantined,
      )
      const found = new Map(rows.map(row => [row.id, row]))
      expect(found.get(slug.id)).toMatchObject({
        columns: ['slug'],
        original: '{"slug":"../../.ssh"}',
        outcome: 'corrected',
      })
      expect(found.get(tags.id)?.columns).toEqual(['name', 'tags', 'forked_at_version_id'])
      expect(found.get(hostile.id)).toMatchObject({ columns: ['name', 'metadata'], outcome: 'corrected' })
      expect(found.get(bad.id)?.outcome).toBe('removed')
      expect(found.get(kept.id)?.outcome).toBe('kept')
      expect(rows).toHaveLength(11)
      await expect(eve.query(quarantined)).rejects.toMatchObject({ code: '42501' })

      // Every rule holds for every row, but for the id of a row that others may need.
      const open = await owner.query(
        "SELECT conname FROM pg_constraint WHERE connamespace = 'whetstone'::regnamespace AND NOT convalidated AND contype = 'c'",
      )
      expect(open.rows).toEqual([{ conname: 'skills_id_rule' }])
      const findings = await examine(owner, 'owner', { migrations })
      expect(findings.filter(one => one.state === 'fail')).toEqual([])
      const told = findings.find(one => one.id === 'quarantined')
      expect(told?.state).toBe('advice')
      expect(told?.found.join('\n')).toContain(`skills ${slug.id}: slug`)
      // A version is as fixed as ever, and the next measurement counts.
      await expect(owner.query('UPDATE whetstone.skill_versions SET name = name')).rejects.toMatchObject({
        code: 'WS405',
      })
      const next = newMeasurement(good.id, version.id, { estimated_cost_microcents: 7 })
      expect(await pushRows(eve, 'measurements', [next])).toMatchObject({ rows: [{ state: 'inserted' }] })
      expect(rowOf((await pullAll(ada)).changes, good.id)).toMatchObject({ avg_token_cost_microcents: 7 })
    }, 60_000)

    test('where nothing breaks a rule nothing is touched', async () => {
      const { owner, ada, eve } = await before()
      const skill = newSkill({ tags: '["pdf"]', name: 'écrire', slug: 'écrire' })
      const version = newVersion(skill.id, { metadata: '{"author":{"name":"Ada","email":""},"sourceRef":"abc"}' })
      await pushSkills(eve, [skill])
      await pushVersions(eve, [version])
      const known = await pullAll(ada)
      expect(await migrateRegistry(owner, migrations, Date.now())).toMatchObject({ kind: 'ready' })
      expect(await pullAll(ada)).toEqual(known)
      expect((await ada.query('SELECT FROM whetstone.quarantined_rows')).rowCount).toBe(0)
      const findings = await examine(owner, 'owner', { migrations })
      expect(findings.filter(one => one.state === 'fail')).toEqual([])
      expect(findings.find(one => one.id === 'quarantined')?.state).toBe('pass')
    }, 60_000)
  },
)

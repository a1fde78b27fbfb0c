import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type pg from 'pg'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Desk, EXIT } from '../../electron/registry/desk.ts'
import { examine } from '../../electron/registry/doctor.ts'
import { exportTenant } from '../../electron/registry/export.ts'
import { migrateRegistry } from '../../electron/registry/migrate.ts'
import { pushRows, pushSkills, pushVersions } from '../../electron/registry/postgres.ts'
import { type Change, pull } from '../../electron/registry/pull.ts'
import { restoreTenant } from '../../electron/registry/restore.ts'
import { migrate, restoreFrom } from '../../electron/registry/verbs.ts'
import { admitRow } from '../../shared/domain/rows/gate.ts'
import { isSyncedName } from '../../shared/domain/rows/synced.ts'
import { temporaryFolder } from '../support/backend.ts'
import { noPostgres, startTestPostgres, type TestPostgres } from '../support/postgres.ts'
import {
  migrations,
  newCase,
  newMeasurement,
  newRun,
  newSkill,
  newVersion,
  openDatabase,
  provenText,
} from './registry.ts'
import { registryBefore } from './registry-before.ts'

/** A registry as it was before its rows had rules (0140), with what a member could write into it then; and then migrated. */
describe.skipIf(noPostgres !== undefined)(
  `a registry that holds hostile rows is migrated${noPostgres ? `: ${noPostgres}` : ''}`,
  () => {
    let postgres: TestPostgres
    beforeAll(async () => {
      postgres = await startTestPostgres()
    })
    afterAll(async () => {
      await postgres.stop()
      fs.rmSync(folder, { recursive: true })
    })
    const folder = temporaryFolder()

    const before = async () => {
      const { tenantId, db, owner, ada, eve } = await registryBefore(postgres)
      return { tenantId, owner, ada: await db.as(ada), eve: await db.as(eve) }
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

    /** One row of each kind that no registry takes any more, by an author. */
    async function poison(eve: pg.Client) {
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
      return { ...{ good, slug, twin, tags, version, hostile, nul }, ...{ cost, run, one, bad, kept } }
    }

    /** The command, as whoever owns the registry gives it; and what it says. */
    const desk = (owner: pg.Client, json = false) => {
      const said: { out: string[]; err: string[] } = { out: [], err: [] }
      const given: Desk = {
        ...{ client: owner, url: '', ca: undefined, storage: null, migrations, now: Date.now, newId: v7 },
        ...{ team: undefined, json, print: text => said.out.push(text), remark: text => said.err.push(text) },
      }
      return { given, said }
    }

    test('what breaks a rule is quarantined and corrected or removed, clients hear of it, and every rule holds', async () => {
      const { owner, ada, eve } = await before()
      const { good, slug, twin, tags, version, hostile, nul, cost, run, one, bad, kept } = await poison(eve)
      const known = await pullAll(ada)

      const { given, said } = desk(owner)
      expect(await migrate(given)).toBe(EXIT.found)
      // Each is said in words: which row, what was wrong with it, what was done.
      const told = said.err.filter(line => line.startsWith('team: '))
      expect(told).toHaveLength(11)
      const outcome = 'Another value was put in its place.'
      expect(told).toContain(
        `team: skills ${slug.id}: slug must be a plain folder name, and was “../../.ssh”. ${outcome}`,
      )
      expect(told).toContainEqual(
        expect.stringMatching(
          `^team: skill_versions ${hostile.id}: name must be one line .*, and was “x\\\\u202ey”; metadata must be an object .*, and was “null”. ${outcome}$`,
        ),
      )
      expect(told.find(line => line.includes('../../x'))).toMatch(/The row was removed\.$/)
      expect(told.find(line => line.includes('__proto__'))).toMatch(/The row stays as it is/)
      expect(said.out).toEqual([expect.stringMatching(/^The registry is up to date: \d+ migrations applied\.$/)])
      const again = desk(owner, true)
      expect(await migrate(again.given)).toBe(EXIT.done)
      expect(again.said.err).toEqual([])
      expect(JSON.parse(again.said.out[0] ?? '')).toEqual({ applied: [], mended: [] })

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
      const advised = findings.find(one => one.id === 'quarantined')
      expect(advised?.state).toBe('advice')
      expect(advised?.found.join('\n')).toContain(`skills ${slug.id}: slug`)
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

    test('an export of it is restored: values are corrected, what cannot be goes in nowhere and is named, the rest is there', async () => {
      const { tenantId, owner, eve } = await before()
      const { good, slug, tags, version, hostile, cost, bad, kept, one } = await poison(eve)
      const lost = newVersion(kept.id)
      await pushVersions(eve, [lost])
      const archive = path.join(folder, 'export')
      const exported = await exportTenant(owner, { tenantId, folder: archive, store: null, now: 1 })
      expect(exported.kind).toBe('exported')
      const target = openDatabase(postgres, await postgres.createDatabase())
      const client = await target.owner()
      const { given, said } = desk(client)
      expect(await restoreFrom(given, archive)).toBe(EXIT.found)

      const rowOf = async (table: string, id: string) => {
        const { rows } = await client.query(`SELECT to_jsonb(t) AS row FROM whetstone.${table} t WHERE id = $1`, [id])
        return rows[0]?.row
      }
      expect(await rowOf('skills', good.id)).toMatchObject({ slug: good.slug, versions: 3 })
      expect(await rowOf('skill_versions', version.id)).toMatchObject({ name: version.name })
      expect(await rowOf('skills', slug.id)).toMatchObject({ slug: expect.stringMatching(/^ssh-[0-9a-f]{12}$/) })
      expect(await rowOf('skills', tags.id)).toMatchObject({ tags: '[]', name: 'a [31mb', forked_at_version_id: null })
      expect(await rowOf('skill_versions', hostile.id)).toMatchObject({ metadata: '{}', name: 'xy' })
      expect(await rowOf('token_measurements', cost.id)).toMatchObject({ estimated_cost_microcents: null })
      expect(await rowOf('benchmark_cases', one.id)).toMatchObject({ weight: 1 })
      for (const [table, id] of [
        ['token_measurements', bad.id],
        ['skills', kept.id],
        ['skill_versions', lost.id],
      ] as const)
        expect(await rowOf(table, id)).toBeUndefined()
      const aside = said.err.filter(line => line.startsWith('Not restored'))
      expect(aside).toEqual([
        expect.stringMatching(
          /^Not restored: skills __proto__: id must be an id of letters.* It stays in the export\.$/,
        ),
        expect.stringContaining(`Not restored: skill_versions ${lost.id}: `),
        expect.stringContaining('Not restored: token_measurements ../../x: id must be an id'),
      ])
      expect(said.err.filter(line => line.startsWith('team: '))).toHaveLength(9)
      const findings = await examine(client, 'owner', { migrations })
      expect(findings.filter(finding => finding.state === 'fail')).toEqual([])
      await target.close()
    }, 60_000)

    test('what of an export is no plain file is not opened, and what it claims to be is not believed', async () => {
      const { tenantId, owner, eve } = await before()
      const skill = newSkill()
      const text = provenText('---\nname: x\ndescription: X.\n---\n')
      const version = newVersion(skill.id, { content_hash: text.hash })
      await pushSkills(eve, [skill])
      await pushVersions(eve, [version])
      await eve.query("SELECT whetstone.publish($1, $2, NULL, 'NOT WHAT WAS APPROVED')", [skill.id, version.id])
      const archive = path.join(folder, 'files')
      expect(await exportTenant(owner, { tenantId, folder: archive, store: null, now: 1 })).toMatchObject({
        kind: 'exported',
      })
      const restore = async (from: string) => {
        const target = openDatabase(postgres, await postgres.createDatabase())
        const client = await target.owner()
        const restored = await restoreTenant(client, { folder: from, store: null, migrations, now: 2 })
        const there = await client.query("SELECT to_regclass('whetstone.skills') IS NOT NULL AS made")
        const rows = there.rows[0]?.made ? (await client.query('SELECT content FROM whetstone.skills')).rows : []
        await target.close()
        return { restored, rows }
      }
      expect(await restore(archive)).toMatchObject({ restored: { kind: 'restored' }, rows: [{ content: null }] })
      if (process.platform === 'win32') return
      const changed = (name: string, change: (file: string) => void) => {
        const copy = path.join(folder, name)
        fs.cpSync(archive, copy, { recursive: true })
        change(copy)
        return copy
      }
      const file = (of: string) => path.join(of, 'registry.json')
      const table = (of: string) => path.join(of, 'tables', 'skills.jsonl')
      const swap = (at: string, make: (at: string) => void) => {
        fs.rmSync(at)
        make(at)
      }
      const pipe = (at: string) => execFileSync('mkfifo', [at])
      for (const [name, at, make, says] of [
        ['pipe', file, pipe, 'no plain file'],
        ['link', file, (at: string) => fs.symlinkSync(file(archive), at), 'no plain file'],
        ['folder', file, (at: string) => fs.mkdirSync(at), 'no plain file'],
        ['table-pipe', table, pipe, 'no plain file'],
        ['table-link', table, (at: string) => fs.symlinkSync(table(archive), at), 'no plain file'],
      ] as const) {
        const { restored } = await restore(changed(name, copy => swap(at(copy), make)))
        expect(restored, name).toMatchObject({ kind: 'refused', reason: expect.stringContaining(says) })
      }
    }, 60_000)
  },
)

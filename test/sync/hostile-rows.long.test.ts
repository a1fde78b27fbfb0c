import { createRouterClient } from '@orpc/server'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { updateSyncState } from '../../electron/library/sync-states.ts'
import { casesService } from '../../electron/services/cases.ts'
import { feedbackService } from '../../electron/services/feedback.ts'
import { measurementsService } from '../../electron/services/measurements.ts'
import { spacesService } from '../../electron/services/spaces.ts'
import type { Change } from '../../electron/sync/remote.ts'
import { admitRow } from '../../shared/domain/rows/gate.ts'
import { rulesOf, SYNCED_NAMES, type SyncedName } from '../../shared/domain/rows/synced.ts'
import { HOSTILE } from '../registry/hostile-values.ts'
import {
  newCase,
  newFeedback,
  newMeasurement,
  newRating,
  newResult,
  newRun,
  newUsageEvent,
} from '../registry/registry.ts'
import { type Office, type OneMachine, twoWithOneSkill, versionOf } from './rounds-support.ts'

/**
 * Every table × every column × hostile values, from a registry that refuses nothing: the app lists, opens and syncs as ever,
 * what came with the row is there, and the row is let in as it is, made plain, or set aside by name.
 */
type Raw = { [column: string]: unknown }
type Put = { seq: number; entity: string; operation: 'put'; id: string; row: Raw }

/** Rows of every table that refer to one another and to the skill, as a registry sends them. */
function wholeSet(office: Office, machine: OneMachine, skillId: string, versionId: string): Map<SyncedName, Raw> {
  const tenant_id = office.tenantId
  const user_id = machine.member.userId
  const made = { tenant_id, created_at: 1_700_000_000_000 }
  const changed = { ...made, updated_at: 1_700_000_000_000 }
  const userId = v7()
  const oneCase: Raw = { ...newCase(skillId), ...changed }
  const run: Raw = { ...newRun(skillId, versionId), ...made, triggered_by: user_id }
  const skill = office.registry.rowsOf(tenant_id, 'skills').get(skillId)
  const version = office.registry.rowsOf(tenant_id, 'skill_versions').get(versionId)
  return new Map<SyncedName, Raw>([
    ['tenants', { ...office.registry.rowsOf(tenant_id, 'tenants').get(tenant_id) }],
    ['users', { ...made, id: userId, name: 'Mallory', email: 'm@example.com', role: 'author' }],
    ['skills', { ...skill, id: v7(), slug: 'another', draft_version_id: null, published_version_id: null }],
    ['skill_versions', { ...version, id: v7(), version: 2, parent_version_id: versionId }],
    ['ratings', { ...newRating(skillId, versionId), ...changed, user_id }],
    [
      'skill_feedback',
      {
        ...newFeedback(skillId, versionId),
        ...changed,
        ...{ user_id, status: 'pending', reviewed_by: null, reviewed_at: null, review_notes: null },
        implemented_by_version_id: null,
      },
    ],
    ['token_measurements', { ...newMeasurement(skillId, versionId), ...made, user_id }],
    ['usage_events', { ...newUsageEvent(skillId, versionId), ...made, user_id }],
    ['benchmark_cases', oneCase],
    ['benchmark_runs', run],
    ['benchmark_results', { ...newResult(String(run.id), String(oneCase.id)), ...made }],
  ])
}

/** What a registry that was changed by somebody answers: not the types that ours has. */
function asChange(put: Put): Change
function asChange(put: unknown): unknown {
  return put
}

/** A team has one row, so of that each column is tried by itself. */
const TRIED = SYNCED_NAMES.flatMap<{ table: SyncedName; columns: string[] }>(table => {
  const columns = rulesOf(table).map(([column]) => column)
  return table === 'tenants' ? columns.map(column => ({ table, columns: [column] })) : [{ table, columns }]
})

test.each(TRIED)(
  'hostile values in $table: the app goes on, what came with them is there, each is set aside by name or harmless',
  async ({ table, columns }) => {
    const { office, ben, skillId } = await twoWithOneSkill()
    const versionId = await versionOf(ben, skillId)
    const skillRow = office.registry.rowsOf(office.tenantId, 'skills').get(skillId)
    const set = wholeSet(office, ben, skillId, versionId)
    const puts: Put[] = []
    const put = (entity: string, row: Raw, as = String(row.id)) =>
      puts.push({ seq: puts.length + 1, entity, operation: 'put', id: as, row })
    for (const [entity, row] of set) if (entity !== table) put(entity, row)
    const hostile = columns.flatMap(column =>
      HOSTILE.map(([name, value]) => {
        const own = table === 'tenants' ? {} : { id: v7() }
        const row: Raw = { ...set.get(table), ...own, ...(table === 'skills' ? { slug: v7() } : {}), [column]: value }
        // The log names what was pushed: where the id itself is hostile, the two differ.
        const id = typeof row.id === 'string' ? row.id : v7()
        put(table, row, id)
        const isGood = admitRow(table, row).kind === 'row' && row.id === id
        return {
          name: `${column}: ${name}`,
          id,
          isGood: isGood && (table === 'tenants' ? row.id : row.tenant_id) === ben.tenantId,
        }
      }),
    )
    const witness: Raw = { ...skillRow, id: v7(), slug: 'witness', draft_version_id: null }
    put('skills', witness)
    const real = office.registry.remoteFor(ben.member.login)
    ben.fault = call =>
      call === 'pull'
        ? real
            .pull({ since: 0, mark: null }, 2_000)
            .then(said =>
              said.kind === 'page' ? { ...said, changes: [...said.changes, ...puts.map(asChange)] } : said,
            )
        : undefined
    updateSyncState(ben.library, ben.tenantId, { since: 0, mark: null })
    expect(await ben.round()).toEqual({ kind: 'done' })

    const kept = ben.library.all<{ entity: string; id: string }>('SELECT entity, id FROM invalid_rows')
    const aside = new Set(kept.map(row => `${row.entity} ${row.id}`))
    const missed = hostile.filter(one => !one.isGood && !aside.has(`${table} ${one.id.slice(0, 200).toWellFormed()}`))
    expect(missed.map(one => one.name)).toEqual([])
    if (aside.size > 0) expect(ben.conflicts()).toContain('invalid')
    // Everything that came beside them is here, as far as it does not need one of them.
    for (const [entity, row] of set)
      if (entity !== table && !(table === 'benchmark_cases' || table === 'benchmark_runs'))
        expect(ben.library.find(`SELECT 1 FROM ${entity} WHERE id = ?`, String(row.id)), entity).toBeDefined()
    await everythingOpens(ben, skillId, versionId, String(witness.id))
    expect(Object.prototype).not.toHaveProperty('polluted')
  },
)

/** Each list and each page of a skill, as the window asks for them: their answers are checked by the contract on the way out. */
async function everythingOpens(ben: OneMachine, skillId: string, versionId: string, witness: string): Promise<void> {
  const { api } = ben.app
  const more = createRouterClient({
    cases: casesService(ben.app.context),
    feedback: feedbackService(ben.app.context),
    measurements: measurementsService(ben.app.context),
    spaces: spacesService(ben.app.context, () => undefined),
  })
  const { rows } = await api.skills.list({ tenantId: ben.tenantId, limit: 500 })
  expect(rows.map(row => row.id)).toContain(witness)
  for (const { id } of rows) await api.skills.get({ id })
  await api.versions.list({ skillId })
  await api.versions.get({ id: versionId })
  await api.ratings.list({ skillId })
  await api.ratings.summary({ skillId })
  await more.feedback.list({ tenantId: ben.tenantId })
  await more.spaces.list()
  await more.cases.list({ skillId, archived: false })
  const runs = await more.measurements.runs({ skillId })
  if (runs.length > 0) await more.measurements.cells({ runIds: runs.slice(0, 200).map(run => run.id) })
  if (runs[0] && runs[1]) await more.measurements.pair({ left: runs[0].id, right: runs[1].id })
}

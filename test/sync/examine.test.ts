import path from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { putExamination } from '../../electron/library/examinations.ts'
import { Library } from '../../electron/library/library.ts'
import { updateSyncState } from '../../electron/library/sync-states.ts'
import { EXAMINED_MS, Examiner } from '../../electron/sync/examine.ts'
import type { TeamRegistry } from '../../electron/sync/team-registry.ts'
import type { Finding } from '../../shared/contract/sync.ts'
import { startTestRegistry, type TestDatabase, type TestRegistry } from '../registry/registry.ts'
import { noPostgres } from '../support/postgres.ts'
import { type TestR2, testR2 } from '../support/r2.ts'
import { realApps } from './real-apps.ts'
import { Office } from './rounds-support.ts'

const rule = (id: string, state: Finding['state']): Finding => {
  const found = state === 'fail' ? ['ratings'] : []
  return { id, title: `rule ${id} holds`, state, found, mend: 'Run it again.' }
}

describe('the registry is asked its rules', () => {
  function setUp() {
    const office = new Office()
    const machine = office.machine(office.member('Ben'))
    let findings = [rule('a', 'pass'), rule('b', 'advice')]
    let asked = 0
    let now = 1_000
    let open = true
    const refuse = () => {
      throw new Error('not asked for')
    }
    const registry: TeamRegistry = {
      ...{ readInvite: refuse, accept: refuse, open: refuse },
      knownSchema: machine.office.registry.schemaVersion,
      examine: async () => {
        asked += 1
        return { kind: 'examined', findings, skills: 0, versions: 0 }
      },
    }
    const examiner = () =>
      new Examiner({
        ...{ library: machine.library, registry: async () => registry, secretOf: async () => '{}' },
        ...{ clock: () => now, isOpen: () => open, changed: () => undefined, log: line => expect(line).toBe('') },
      })
    return {
      machine,
      examiner,
      asked: () => asked,
      set: (next: Finding[]) => {
        findings = next
      },
      later: (ms: number) => {
        now += ms
      },
      close: () => {
        open = false
      },
    }
  }

  test('once a day and after a migration, in one process as in the next; what passes is silent', async () => {
    const { machine, examiner, asked, later } = setUp()
    const one = examiner()
    const { tenantId } = machine
    for (const _ of [1, 2, 3]) await one.settled(tenantId)
    expect(asked()).toBe(1)
    await examiner().settled(tenantId)
    expect(asked()).toBe(1)
    later(EXAMINED_MS)
    await one.settled(tenantId)
    await one.settled(tenantId)
    expect(asked()).toBe(2)
    // Migrated by another app: of its rules this one knows nothing, until it is updated.
    updateSyncState(machine.library, tenantId, { schema_version: machine.office.registry.schemaVersion + 10 })
    await one.settled(tenantId)
    expect(asked()).toBe(2)
    updateSyncState(machine.library, tenantId, { schema_version: machine.office.registry.schemaVersion })
    await one.settled(tenantId)
    await one.settled(tenantId)
    expect(asked()).toBe(3)
    expect(machine.log()).toEqual([])
  })

  test('what does not hold is said once, in one line, and so is that it holds again', async () => {
    const { machine, examiner, set, later } = setUp()
    const one = examiner()
    set([rule('a', 'fail'), rule('b', 'fail'), rule('c', 'pass')])
    for (const _ of [1, 2]) {
      await one.settled(machine.tenantId)
      later(EXAMINED_MS)
    }
    const line =
      'The registry breaks 2 rules that it should keep: “rule a holds” (ratings), “rule b holds” (ratings). Tell whoever runs it.'
    expect(machine.log()).toEqual([line])
    set([rule('a', 'pass'), rule('b', 'pass')])
    await one.settled(machine.tenantId)
    expect(machine.log()).toEqual([line, 'The registry keeps its rules again.'])
  })

  test('what comes back after the end, or after leaving, is not stored', async () => {
    const { machine, examiner, set, close } = setUp()
    set([rule('a', 'fail')])
    updateSyncState(machine.library, machine.tenantId, { has_left: 1 })
    await examiner().settled(machine.tenantId)
    updateSyncState(machine.library, machine.tenantId, { has_left: 0 })
    close()
    await examiner().settled(machine.tenantId)
    expect(machine.log()).toEqual([])
  })
})

describe.skipIf(noPostgres !== undefined)(
  `a registry that somebody changed${noPostgres ? `: ${noPostgres}` : ''}`,
  () => {
    let registry: TestRegistry
    let r2: TestR2
    let db: TestDatabase
    beforeAll(async () => {
      r2 = await testR2('alpha')
      registry = await startTestRegistry()
      db = await registry.database()
    }, 20_000)
    afterAll(async () => {
      await db?.close()
      await registry?.stop()
      await r2?.[Symbol.asyncDispose]()
    })
    const { join, until, synced, statusOf } = realApps(() => ({ registry, r2, db }))

    test('an app that starts the next day shows which rule it breaks, on the team’s page and in the log', async () => {
      const ben = await join(registry.a.author)
      const tenantId = registry.a.id
      await synced(ben)
      const shown = async (app: typeof ben) => (await app.api.sync.status())[0]?.findings ?? []
      expect(await shown(ben)).toEqual([])
      await (await db.owner()).query('ALTER TABLE whetstone.ratings NO FORCE ROW LEVEL SECURITY')
      const file = new Database(path.join(ben.dataDir, 'library.db'))
      const library = new Library()
      library.open(file)
      putExamination(library, tenantId, { at: 0, schemaVersion: null, broken: [] })
      library.close()
      await using later = await ben.restart()
      const broken = await until(later, async () => {
        const found = await shown(later)
        return found.length > 0 ? found : undefined
      })
      expect(broken.map(one => one.state)).toEqual(broken.map(() => 'fail'))
      expect(JSON.stringify(broken)).toContain('ratings')
      expect((await later.api.sync.log({ tenantId })).filter(line => line.text.includes('breaks'))).toHaveLength(1)
      expect((await statusOf(later)).state).toBe('synced')
    }, 30_000)
  },
)

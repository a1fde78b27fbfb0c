import { expect, test } from 'vitest'
import { newVersion } from '../registry/registry.ts'
import { runHistory } from './history.ts'
import { NO_FAULTS } from './link.ts'
import type { Plan } from './plan.ts'
import { Office, type OneMachine } from './rounds-support.ts'

/** Histories that went wrong once, made smaller and kept: each with what was found by it. */
const PEOPLE: Plan['people'] = [
  { name: 'Ada', role: 'admin' },
  { name: 'Ben', role: 'author' },
  { name: 'Cleo', role: 'author' },
]
const machine = (person: number) => ({ person, joinsAt: 0, clockError: 0 })

async function holds(plan: Partial<Plan>): Promise<void> {
  const { wrong } = await runHistory({
    seed: 1,
    teams: 1,
    people: PEOPLE,
    machines: [machine(0), machine(1), machine(2)],
    lastsMs: 120_000,
    faults: NO_FAULTS,
    pageRows: 2,
    steps: [],
    ...plan,
  })
  expect(wrong).toEqual([])
}

test('a skill arrives although its search entry is still to be made (seed 1: an upsert overrules OR IGNORE in a trigger)', () =>
  holds({ steps: [{ at: 1_000, kind: 'edit', machine: 1, team: 0, what: 'createSkill', seed: 1_867_983_219 }] }))

test('what others reviewed first is theirs in every column (seed 59)', () =>
  holds({
    machines: [machine(0), machine(1)],
    lastsMs: 600_000,
    steps: [
      { at: 1_000, kind: 'edit', machine: 1, team: 0, what: 'createSkill', seed: 1_818_103_831 },
      { at: 60_000, kind: 'edit', machine: 0, team: 0, what: 'giveFeedback', seed: 1_507_480_056 },
      { at: 120_000, kind: 'offline', machine: 1, ms: 300_000 },
      { at: 200_000, kind: 'edit', machine: 0, team: 0, what: 'review', seed: 1_271_934_400 },
      { at: 260_000, kind: 'edit', machine: 1, team: 0, what: 'review', seed: 734_595_220 },
    ],
  }))

test('a version that a restored registry lost is the newest again once it has its number (seed 128)', () =>
  holds({
    machines: [machine(0), machine(1)],
    lastsMs: 300_000,
    pageRows: 2_000,
    steps: [
      { at: 1_000, kind: 'edit', machine: 1, team: 0, what: 'createSkill', seed: 1_009_803_760 },
      { at: 60_000, kind: 'backup', team: 0 },
      { at: 120_000, kind: 'edit', machine: 1, team: 0, what: 'saveOnOlder', seed: 1_045_207_735 },
      { at: 240_000, kind: 'restore', team: 0, epoch: 'new' },
    ],
  }))

test('a change made from what the registry already has moves no time (seed 176: publishing what is published)', () =>
  holds({
    machines: [machine(0), machine(0)],
    steps: [
      { at: 1_000, kind: 'edit', machine: 1, team: 0, what: 'createSkill', seed: 549_353_470 },
      { at: 60_000, kind: 'edit', machine: 0, team: 0, what: 'publish', seed: 1_150_195_871 },
      { at: 80_000, kind: 'edit', machine: 0, team: 0, what: 'publish', seed: 1_150_195_871 },
    ],
  }))

test('what a registry acknowledged and then forgot goes again, though its log looks the same (seed 480: acknowledged and then forgotten)', async () => {
  for (let at = 101_000; at < 101_200; at += 5)
    await holds({
      seed: at,
      machines: [machine(0), machine(1), machine(0)],
      lastsMs: 150_000,
      steps: [
        { at: 45_126, kind: 'backup', team: 0 },
        { at: 100_900, kind: 'edit', machine: 2, team: 0, what: 'createSkill', seed: 1_967_141_221 },
        { at, kind: 'crash', machine: 2 },
        { at: at + 10, kind: 'restore', team: 0, epoch: 'same' },
      ],
    })
}, 120_000)

test('a skill that a restored registry lost is what its pointer says, on another computer of its author too (seed 3000234)', async () => {
  for (let at = 200_060; at < 200_100; at += 2)
    await holds({
      machines: [machine(0), machine(0)],
      lastsMs: 300_000,
      steps: [
        { at: 1_000, kind: 'backup', team: 0 },
        { at: 2_000, kind: 'edit', machine: 0, team: 0, what: 'createSkill', seed: 1_867_983_219 },
        { at: 120_000, kind: 'edit', machine: 1, team: 0, what: 'publish', seed: 1_150_195_871 },
        { at: 200_000, kind: 'restore', team: 0, epoch: 'new' },
        // It has compared, and does not hear what became of what it sends again.
        { at, kind: 'offline', machine: 1, ms: 90_000 },
      ],
    })
})

test('an end between noticing that something acknowledged is gone and comparing everything loses neither (seed 5005343)', async () => {
  for (const seed of [85, 151, 208, 652, 1_034, 1_211, 1_260])
    await holds({
      seed,
      machines: [machine(1), machine(0)],
      lastsMs: 180_000,
      faults: { ...NO_FAULTS, crash: 0.05 },
      pageRows: 2_000,
      steps: [
        { at: 1_000, kind: 'edit', machine: 0, team: 0, what: 'createSkill', seed: 1_867_983_219 },
        { at: 60_000, kind: 'backup', team: 0 },
        { at: 99_700, kind: 'edit', machine: 0, team: 0, what: 'saveVersion', seed: 590_393_098 },
        { at: 99_850, kind: 'crash', machine: 0 },
        { at: 99_860, kind: 'restore', team: 0, epoch: 'same' },
        { at: 100_000, kind: 'edit', machine: 1, team: 0, what: 'saveVersion', seed: 154_547_980 },
      ],
    })
})

test('a version’s id that somebody else has used is no acknowledgement: ours is kept, set aside and named', async () => {
  const office = new Office()
  const [ben, cleo] = [office.machine(office.member('Ben')), office.machine(office.member('Cleo'))]
  const skillId = await ben.newSkill('squatted')
  await ben.round()
  const ours = await ben.save(skillId, 'What Ben wrote.')
  const theirs = { ...newVersion(skillId), id: ours }
  expect(await office.registry.remoteFor(cleo.member.login).pushVersions([theirs])).toMatchObject({
    rows: [{ state: 'inserted' }],
  })
  ben.fault = call =>
    call === 'pull'
      ? {
          kind: 'page',
          changes: [],
          next: cursorOf(ben),
          head: cursorOf(ben).since,
          epoch: office.registry.tenant(office.tenantId).epoch,
        }
      : undefined
  await ben.round()
  expect(ben.queue()).toMatchObject([{ entity: 'version', operation: 'insert', parked_code: expect.any(String) }])
  expect(ben.conflicts()).toContain('rewritten')
  expect(ben.library.find('SELECT version FROM skill_versions WHERE id = ?', ours)).toEqual({ version: null })
})

/** Where that machine has read to. */
const cursorOf = (machine: OneMachine): { since: number; mark: string | null } =>
  machine.library.get('SELECT since, mark FROM sync_states WHERE tenant_id = ?', machine.tenantId)

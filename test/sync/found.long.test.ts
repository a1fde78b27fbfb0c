import { expect, test } from 'vitest'
import { updateSyncState } from '../../electron/library/sync-states.ts'
import { newVersion } from '../registry/registry.ts'
import { Chance } from './chance.ts'
import { edit } from './edits.ts'
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

test.each(['the same', 'another'] as const)(
  'what was published and reviewed of a skill that a restored registry lost whole is so again (feedback of %s person)',
  async by => {
    const office = new Office()
    const ada = office.member('Ada', 'admin')
    const [one, two] = [office.machine(ada), office.machine(ada)]
    const ben = office.machine(office.member('Ben'))
    const backup = office.registry.snapshot(office.tenantId)
    const skillId = await one.newSkill('lost')
    await one.round()
    for (const machine of [ben, two]) await machine.round()
    const giver = by === 'the same' ? one : ben
    await edit(giver.app, office.tenantId, 'giveFeedback', new Chance(1))
    for (const machine of [giver, one]) await machine.round()
    await edit(one.app, office.tenantId, 'review', new Chance(1))
    const reviewed = one.library.get<{ status: string }>('SELECT status, review_notes FROM skill_feedback')
    expect(reviewed.status).not.toBe('pending')
    const published = (await one.app.api.versions.list({ skillId }))[0]?.id ?? ''
    await one.app.api.versions.publish({ skillId, versionId: published, expected: null })
    await one.round()
    office.registry.restore(office.tenantId, backup, 'new')
    // The one that knows neither of the pointer nor of the review comes first.
    for (const machine of [two, ben, one, ben, two, one]) await machine.round()
    for (const machine of [one, two, ben]) {
      expect(await machine.app.api.skills.get({ id: skillId })).toMatchObject({ status: 'published' })
      expect((await machine.app.api.skills.get({ id: skillId })).published?.id).toBe(published)
      expect(machine.library.all('SELECT status, review_notes FROM skill_feedback')).toEqual([reviewed])
      expect(machine.queue()).toEqual([])
    }
  },
)

test('what went with a skill that could not be deleted any more is here again (seed 5001144: a case waits for its feedback)', async () => {
  const office = new Office()
  const [ada, ben] = [office.machine(office.member('Ada', 'admin')), office.machine(office.member('Ben'))]
  const { id: skillId } = await ben.app.api.skills.create({ tenantId: office.tenantId, slug: 'empty', description: '' })
  for (const machine of [ben, ada]) await machine.round()
  await edit(ada.app, office.tenantId, 'giveFeedback', new Chance(1))
  for (const machine of [ada, ben]) await machine.round()
  await edit(ben.app, office.tenantId, 'deleteSkill', new Chance(1))
  await ada.saveFirst(skillId, 'Not empty')
  for (const machine of [ada, ben]) await machine.round()
  expect(ben.queue()).toMatchObject([{ entity: 'skill', operation: 'delete', parked_code: 'forbidden' }])
  expect(ben.library.all('SELECT skill_id FROM skill_feedback')).toEqual([{ skill_id: skillId }])
})

test('a version that this computer cannot send again for want of its content holds nothing once another one has (seed 5003820)', async () => {
  const office = new Office()
  const ada = office.member('Ada', 'admin')
  const [one, two] = [office.machine(ada), office.machine(ada)]
  const skillId = await one.newSkill('twice')
  for (const machine of [one, two]) await machine.round()
  const backup = office.registry.snapshot(office.tenantId)
  await one.save(skillId, 'Only on one')
  await one.round()
  const stored = office.registry.objectsOf(office.tenantId)
  const kept = new Map(stored)
  stored.clear()
  await two.round()
  await edit(two.app, office.tenantId, 'saveVersion', new Chance(1))
  await two.round()
  const history = (await two.history(skillId)).map(([message]) => message)
  expect(history).toHaveLength(3)
  office.registry.restore(office.tenantId, backup, 'new')
  await two.round()
  expect(two.queue().map(row => row.parked_code)).toContain('damaged')
  for (const [key, object] of kept) stored.set(key, object)
  for (const machine of [one, two, one]) await machine.round()
  expect(two.queue()).toEqual([])
  for (const machine of [one, two])
    expect((await machine.history(skillId)).map(([message]) => message)).toEqual(history)
})

test('a pointer that was lost and is back is ours again, where publishing it once more was on its way (seed 5015242)', async () => {
  const office = new Office()
  const [ada, ben] = [office.machine(office.member('Ada', 'admin')), office.machine(office.member('Ben'))]
  const skillId = await ben.newSkill('back')
  await ben.round()
  const backup = office.registry.snapshot(office.tenantId)
  const versionId = await ben.save(skillId, 'Published')
  await ben.app.api.versions.publish({ skillId, versionId, expected: null })
  for (const machine of [ben, ada]) await machine.round()
  await ada.app.api.versions.publish({ skillId, versionId, expected: versionId })
  office.registry.restore(office.tenantId, backup, 'new')
  ada.fault = call => (call === 'publish' ? { kind: 'retry', code: 'ECONNRESET', message: 'Lost.' } : undefined)
  await ada.round()
  expect((await ada.app.api.skills.get({ id: skillId })).published).toBeNull()
  for (let n = 0; n < 2; n++) await ben.round()
  ada.fault = () => undefined
  await ada.round()
  for (const machine of [ada, ben])
    expect(await machine.app.api.skills.get({ id: skillId })).toMatchObject({
      status: 'published',
      published: { id: versionId },
    })
})

test('a row that was changed twice waits for what it refers to as one (seed 5100162: set aside before anything was read)', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'))
  const { id: skillId } = await ben.app.api.skills.create({ tenantId: office.tenantId, slug: 'rated', description: '' })
  await ben.round()
  const backup = office.registry.snapshot(office.tenantId)
  const { id: versionId } = await ben.app.api.versions.save({ skillId, message: 'Rated' })
  for (let n = 0; n < 2; n++) await ben.round()
  for (const rating of [3, 4]) await ben.app.api.ratings.rate({ versionId, rating, comment: null, hoursSaved: null })
  office.registry.restore(office.tenantId, backup, 'same')
  // It was put back just after it had been read.
  let reads = 0
  const { epoch } = office.registry.tenant(office.tenantId)
  const nothingNew = { kind: 'page', changes: [], next: cursorOf(ben), head: cursorOf(ben).since, epoch }
  ben.fault = call => (call === 'pull' && reads++ === 0 ? nothingNew : undefined)
  for (let n = 0; n < 2; n++) await ben.round()
  expect(ben.queue()).toEqual([])
  expect([...office.registry.rowsOf(office.tenantId, 'ratings').values()]).toMatchObject([{ rating: 4 }])
})

test('a version that was lost with its number, and then with its skill, is set aside with the question (seed 5017446)', async () => {
  const office = new Office()
  const ben = office.member('Ben')
  const [one, two, dan] = [office.machine(ben), office.machine(ben), office.machine(office.member('Dan'))]
  const { id: skillId } = await one.app.api.skills.create({ tenantId: office.tenantId, slug: 'empty', description: '' })
  for (const machine of [one, two, dan]) await machine.round()
  const backup = office.registry.snapshot(office.tenantId)
  await dan.saveFirst(skillId, 'Lost')
  await dan.round()
  office.registry.restore(office.tenantId, backup, 'new')
  await edit(two.app, office.tenantId, 'deleteSkill', new Chance(1))
  for (const machine of [two, dan]) await machine.round()
  expect(dan.conflicts()).toContain('deleted')
  expect(dan.queue()).toMatchObject([{ entity: 'version', parked_code: 'deleted' }])
})

test('a rating that was taken back and given anew is the new one, although the old one is read again in between (seed 5201603)', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'))
  const skillId = await ben.newSkill('rated')
  const versionId = (await ben.app.api.versions.list({ skillId }))[0]?.id ?? ''
  await ben.app.api.ratings.rate({ versionId, rating: 2, comment: null, hoursSaved: null })
  for (let n = 0; n < 2; n++) await ben.round()
  await edit(ben.app, office.tenantId, 'unrate', new Chance(1))
  await ben.app.api.ratings.rate({ versionId, rating: 5, comment: null, hoursSaved: null })
  updateSyncState(ben.library, ben.tenantId, { since: 0, mark: null })
  for (let n = 0; n < 2; n++) await ben.round()
  expect(ben.queue()).toEqual([])
  expect(ben.conflicts()).toEqual([])
  expect([...office.registry.rowsOf(office.tenantId, 'ratings').values()]).toMatchObject([{ rating: 5 }])
})

test('a case that was refused for want of its feedback goes once that is there again (seed 5202644)', async () => {
  const office = new Office()
  const [ada, ben] = [office.machine(office.member('Ada', 'admin')), office.machine(office.member('Ben'))]
  const skillId = await ada.newSkill('reported')
  for (const machine of [ada, ben]) await machine.round()
  const backup = office.registry.snapshot(office.tenantId)
  await edit(ben.app, office.tenantId, 'giveFeedback', new Chance(1))
  for (const machine of [ben, ada]) await machine.round()
  const { id } = ada.library.get<{ id: string }>('SELECT id FROM skill_feedback WHERE skill_id = ?', skillId)
  for (let n = 0; ada.library.find('SELECT 1 FROM benchmark_cases WHERE source_feedback_id = ?', id) === undefined; n++)
    await edit(ada.app, office.tenantId, 'addCase', new Chance(n))
  await ada.round()
  office.registry.restore(office.tenantId, backup, 'new')
  await ada.round()
  expect(ada.queue().map(row => row.parked_code)).toContain('refused')
  for (const machine of [ben, ada]) await machine.round()
  expect(ada.queue()).toEqual([])
  expect([...office.registry.rowsOf(office.tenantId, 'benchmark_cases').values()]).toContainEqual(
    expect.objectContaining({ source_feedback_id: id }),
  )
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

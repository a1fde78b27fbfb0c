import { expect, test } from 'vitest'
import { readAgain, updateSyncState } from '../../electron/library/sync-states.ts'
import { Chance } from './chance.ts'
import { edit } from './edits.ts'
import { Office, type OneMachine } from './rounds-support.ts'

/** What simulated histories found about registries that were put back, and about what waits: each told in rounds. */
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

test('a version that could not go for want of its content goes in the round that brings it (seeds 6022149, 6024947)', async () => {
  const office = new Office()
  const ada = office.member('Ada', 'admin')
  const [one, two] = [office.machine(ada), office.machine(ada)]
  const skillId = await one.newSkill('mended')
  for (const machine of [one, two]) await machine.round()
  const backup = office.registry.snapshot(office.tenantId)
  await one.save(skillId, 'Only on one')
  await one.round()
  const stored = office.registry.objectsOf(office.tenantId)
  const kept = new Map(stored)
  stored.clear()
  await two.round()
  office.registry.restore(office.tenantId, backup, 'new')
  await two.round()
  expect(two.queue()).toEqual([{ entity: 'version', operation: 'insert', parked_code: 'damaged' }])
  for (const [key, object] of kept) stored.set(key, object)
  expect(await two.engine.round('now')).toEqual({ kind: 'done' })
  expect(two.queue()).toEqual([])
  expect((await two.history(skillId)).map(([message, number]) => [message, number])).toEqual([
    ['Only on one', 2],
    ['First', 1],
  ])
})

test('results whose run the registry has forgotten meanwhile go after it (seed 6100458)', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'))
  await ben.newSkill('measured')
  await ben.round()
  await edit(ben.app, office.tenantId, 'addCase', new Chance(1))
  const backup = office.registry.snapshot(office.tenantId)
  for (let n = 0; ben.library.find('SELECT 1 FROM benchmark_results') === undefined; n++)
    await edit(ben.app, office.tenantId, 'run', new Chance(n))
  // Put back between the acknowledgement of the run and the sending of its results.
  ben.fault = call => {
    if (call === 'push benchmark_results') office.registry.restore(office.tenantId, backup, 'new')
    if (call === 'push benchmark_results') ben.fault = () => undefined
    return undefined
  }
  await ben.round()
  await ben.round()
  expect(ben.queue()).toEqual([])
  expect(office.registry.rowsOf(office.tenantId, 'benchmark_results').size).toBeGreaterThan(0)
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

test('a case that could not be sent again for want of its files is what another computer has made of it (seed 5502937)', async () => {
  const office = new Office()
  const [ada, ben] = [office.machine(office.member('Ada', 'admin')), office.machine(office.member('Ben'))]
  await ada.newSkill('with-files')
  for (const machine of [ada, ben]) await machine.round()
  const backup = office.registry.snapshot(office.tenantId)
  const stored = office.registry.objectsOf(office.tenantId)
  for (let n = 0; ada.library.find("SELECT 1 FROM benchmark_cases WHERE files LIKE '%in.csv%'") === undefined; n++)
    await edit(ada.app, office.tenantId, 'addCaseWithFiles', new Chance(n))
  const before = new Set(stored.keys())
  await ada.round()
  for (const key of stored.keys()) if (!before.has(key)) stored.delete(key)
  await ben.round()
  office.registry.restore(office.tenantId, backup, 'new')
  await ben.round()
  expect(ben.queue()).toContainEqual({ entity: 'benchmark_case', operation: 'insert', parked_code: 'damaged' })
  ada.library.run("UPDATE benchmark_cases SET files = '[]'")
  for (const machine of [ada, ben]) await machine.round()
  expect(ben.queue()).toEqual([])
  expect(ben.library.all("SELECT id FROM benchmark_cases WHERE files <> '[]'")).toEqual([])
})

test('results that are sent again are held with their skill where that is asked about (seed 5616500)', async () => {
  const office = new Office()
  const ada = office.machine(office.member('Ada', 'admin'))
  const skillId = await ada.newSkill('measured')
  await ada.round()
  const backup = office.registry.snapshot(office.tenantId)
  await edit(ada.app, office.tenantId, 'addCase', new Chance(1))
  for (let n = 0; ada.library.find('SELECT 1 FROM benchmark_results') === undefined; n++)
    await edit(ada.app, office.tenantId, 'run', new Chance(n))
  await ada.round()
  office.registry.restore(office.tenantId, backup, 'new')
  ada.fault = call =>
    call === 'push benchmark_results' ? { kind: 'retry', code: 'ECONNRESET', message: 'cut' } : undefined
  expect(await ada.round()).toMatchObject({ kind: 'failed' })
  const queued = ada.library.all("SELECT DISTINCT skill_id FROM outbox WHERE entity = 'benchmark_result'")
  expect(queued).toEqual([{ skill_id: skillId }])
})

test('a registry that is put back without a word to just where one had read is noticed by what it had (seed 5617350)', async () => {
  const office = new Office()
  const ada = office.member('Ada', 'admin')
  const ben = office.machine(office.member('Ben'), { push: 3, pull: 3 })
  const roleHere = () => ben.library.all('SELECT role FROM users WHERE id = ?', ben.member.userId)
  const backup = office.registry.snapshot(office.tenantId)
  office.registry.setRole(office.tenantId, ben.member.userId, 'admin')
  // Rows are sent as they are now: the role comes with a number of before, and its own number never.
  const there = office.registry.remoteFor(ada.login)
  ben.fault = (call, args) =>
    call === 'pull' && JSON.stringify(args).includes('"since":3')
      ? { kind: 'retry', code: 'ECONNRESET', message: 'cut' }
      : undefined
  expect(await ben.round()).toMatchObject({ kind: 'failed' })
  expect(roleHere()).toEqual([{ role: 'admin' }])
  office.registry.restore(office.tenantId, backup, 'same')
  ben.fault = () => undefined
  // What was read until then is what it still has.
  expect(await there.pull(cursorOf(ben), 3)).toMatchObject({ kind: 'page', changes: [] })
  await ben.round()
  expect(roleHere()).toEqual([{ role: 'author' }])
})

test('a pointer that another computer set again while everything was compared stands (seed 5742177)', async () => {
  const office = new Office()
  const ada = office.member('Ada', 'admin')
  const [one, two] = [office.machine(ada), office.machine(ada, { push: 3, pull: 3 })]
  const skillId = await one.newSkill('published')
  await one.round()
  const backup = office.registry.snapshot(office.tenantId)
  const versionId = (await one.app.api.versions.list({ skillId }))[0]?.id ?? ''
  await edit(one.app, office.tenantId, 'describe', new Chance(1))
  await one.app.api.versions.publish({ skillId, versionId, expected: null })
  for (const machine of [one, two]) await machine.round()
  office.registry.restore(office.tenantId, backup, 'new')
  // The skill goes again, and what was published of it not yet.
  one.fault = call => (call === 'publish' ? { kind: 'retry', code: 'ECONNRESET', message: 'cut' } : undefined)
  expect(await one.round()).toMatchObject({ kind: 'failed' })
  one.fault = () => undefined
  const pointerOf = (machine: OneMachine) =>
    machine.library.get('SELECT published_version_id AS id FROM skills WHERE id = ?', skillId)
  let published = false
  two.fault = (call, args) => {
    if (call !== 'pull' || published || !JSON.stringify(args).includes('"since":3')) return undefined
    published = true
    return one.round().then(() => undefined)
  }
  expect(await two.round()).toEqual({ kind: 'done' })
  expect(published).toBe(true)
  for (const machine of [one, two]) expect(pointerOf(machine)).toEqual({ id: versionId })
})

test('a registry that is put back while it is to be read again from its start is noticed (seed 6174464)', async () => {
  const office = new Office()
  const ada = office.member('Ada', 'admin')
  const [one, two] = [office.machine(ada), office.machine(ada)]
  const ben = office.machine(office.member('Ben'))
  const skillId = await one.newSkill('again')
  for (const machine of [one, two, ben]) await machine.round()
  const backup = office.registry.snapshot(office.tenantId)
  await one.save(skillId, 'Second')
  for (const machine of [one, two]) await machine.round()
  readAgain(two.library, office.tenantId)
  office.registry.restore(office.tenantId, backup, 'same')
  // Another one is the second now, and there are more changes than before.
  await ben.save(skillId, 'Of another history')
  for (const machine of [ben, one]) await machine.round()
  expect(await two.round()).toEqual({ kind: 'done' })
  expect(two.conflicts()).toEqual(['rolledBack'])
  await one.round()
  expect(await two.history(skillId)).toEqual(await one.history(skillId))
  const [state] = two.library.all('SELECT known_since, known_mark FROM sync_states')
  expect(state).toEqual({ known_since: 0, known_mark: null })
})

/** Where that machine has read to. */
const cursorOf = (machine: OneMachine): { since: number; mark: string | null } =>
  machine.library.get('SELECT since, mark FROM sync_states WHERE tenant_id = ?', machine.tenantId)

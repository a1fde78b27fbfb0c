import { expect, test } from 'vitest'
import type { VersionToPush } from '../../electron/sync/remote.ts'
import { Office } from './rounds-support.ts'

/** One row a page, so that everything has a page before it. */
const SMALL = { push: 1, pull: 1 }

/** Everything that does not wait for the other side has happened when it resolves. */
const turn = () => new Promise<void>(resolve => setImmediate(resolve))
const isVersions = (point: string) => point.startsWith('versions:')

test('the next page is on its way before the first is acknowledged here, and its content before that', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'), SMALL)
  const skillId = await ben.newSkill('pdf-forms')
  await ben.save(skillId, 'Second')
  await ben.save(skillId, 'Third')
  const real = office.registry.remoteFor(ben.member.login)
  ben.fault = (call, args) =>
    call === 'pushVersions' && Array.isArray(args[0])
      ? real.pushVersions(args[0]).then(answer => turn().then(() => answer))
      : undefined
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(ben.points.filter(isVersions)).toEqual([
    'versions:before',
    'versions:after',
    'versions:before',
    'versions:acknowledged',
    'versions:after',
    'versions:before',
    'versions:acknowledged',
    'versions:after',
    'versions:acknowledged',
  ])
  const first = ben.points.indexOf('versions:before')
  expect(ben.points.slice(first, ben.points.indexOf('versions:after')).includes('put:noted')).toBe(true)
  expect(await ben.history(skillId)).toEqual([
    ['Third', 3],
    ['Second', 2],
    ['First', 1],
  ])
})

test('a version has the registry’s number from its acknowledgement on, before the log is read', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'))
  const skillId = await ben.newSkill('pdf-forms')
  const lastWord = { kind: 'retry', code: 'ECONNRESET', message: 'cut' }
  ben.fault = call => (call === 'pull' && ben.calls.includes('pushVersions') ? lastWord : undefined)
  expect(await ben.round()).toMatchObject({ kind: 'failed' })
  expect(await ben.history(skillId)).toEqual([['First', 1]])
})

test('what hangs on a row that was not taken is not sent after it', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'), SMALL)
  const bad = await ben.newSkill('too-long')
  const second = await ben.save(bad, 'Second')
  const good = await ben.newSkill('fine')
  const sent: string[] = []
  let refused = ''
  const real = office.registry.remoteFor(ben.member.login)
  const answer = async (rows: readonly VersionToPush[]) => {
    sent.push(...rows.map(row => row.id))
    const [first] = rows
    if (first?.skill_id !== bad) return await real.pushVersions(rows)
    refused = first.id
    return { kind: 'answered', rows: [{ id: first.id, state: 'refused', code: '23514', reason: 'text_limit' }] }
  }
  ben.fault = (call, args) =>
    call === 'pushVersions' ? turn().then(() => answer(Array.isArray(args[0]) ? args[0] : [])) : undefined
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(refused).not.toBe('')
  expect(sent).not.toContain(second)
  expect(await ben.history(good)).toEqual([['First', 1]])
  expect(ben.queue().map(one => one.parked_code)).toEqual(['refused', null])
})

test('a halt of the page on its way is said once its successor’s content has ended, and nothing is sent after it', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'), SMALL)
  const skillId = await ben.newSkill('pdf-forms')
  await ben.save(skillId, 'Second')
  let calls = 0
  ben.fault = call => {
    if (call !== 'pushVersions') return undefined
    calls += 1
    return { kind: 'retry', code: 'ECONNRESET', message: 'cut' }
  }
  expect(await ben.round()).toMatchObject({ kind: 'failed' })
  expect(calls).toBe(1)
  ben.fault = () => undefined
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(await ben.history(skillId)).toEqual([
    ['Second', 2],
    ['First', 1],
  ])
})

test('a file that is lost holds back every version that names it, and no other skill', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'))
  const one = await ben.newSkill('pdf-forms')
  const other = await ben.newSkill('word-forms')
  const shared = [await ben.save(one, 'Shared'), await ben.save(other, 'Shared')]
  const fine = await ben.newSkill('fine')
  ben.library.run("DELETE FROM blobs WHERE CAST(bytes AS TEXT) = 'Shared\n'")
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(await ben.history(fine)).toEqual([['First', 1]])
  expect([...office.registry.rowsOf(ben.tenantId, 'skill_versions').values()].map(row => row.skill_id)).toEqual([fine])
  const parked = ben.library.all("SELECT entity_id AS id FROM outbox WHERE parked_code = 'damaged' ORDER BY seq")
  expect(parked).toEqual(shared.map(id => ({ id })))
})

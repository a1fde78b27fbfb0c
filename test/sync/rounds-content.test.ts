import { expect, test } from 'vitest'
import { sha256 } from '../../electron/library/blobs.ts'
import { PATROL_MS } from '../../electron/sync/patrol.ts'
import { CAP_MS } from '../../electron/sync/policy.ts'
import { encodeManifest } from '../../shared/domain/bundle.ts'
import { Office, twoWithOneSkill, versionOf } from './rounds-support.ts'

test('content that is damaged here is never sent', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'))
  const skillId = await ben.newSkill('pdf-forms')
  const [row] = ben.library.all<{ content_hash: string }>('SELECT content_hash FROM skill_versions')
  ben.library.run('DROP TRIGGER blobs_immutable')
  ben.library.run("UPDATE blobs SET bytes = x'00' WHERE sha256 <> ?", row?.content_hash ?? '')
  await ben.round()
  expect(ben.queue()).toEqual([{ entity: 'version', operation: 'insert', parked_code: 'damaged' }])
  expect(ben.calls).not.toContain('put')
  expect(await ben.history(skillId)).toEqual([['First', null]])
})

test('content that is missing there holds nothing up, is asked for again, and comes once somebody has sent it', async () => {
  const { office, ben, cleo, skillId } = await twoWithOneSkill()
  await ben.save(skillId, 'Second')
  await ben.round()
  const objects = office.registry.objectsOf(office.tenantId)
  const kept = new Map(objects)
  objects.clear()
  expect(await cleo.round()).toEqual({ kind: 'done' })
  expect(await cleo.history(skillId)).toContainEqual(['Second', 2])
  const wanted = () => cleo.library.all('SELECT sha256 FROM content_wanted').length
  expect(wanted()).toBeGreaterThan(0)
  // Not at every round.
  await cleo.round()
  expect(cleo.calls).toEqual(['pull'])
  for (const [key, value] of kept) objects.set(key, value)
  office.now += CAP_MS
  await cleo.round()
  expect(wanted()).toBe(0)
})

/** Ben's skill, where a version of Cleo's is published again by Ben for the registry forgot that it was; its content is not with him. */
async function publishedWithoutContent() {
  const { office, ben, cleo, skillId } = await twoWithOneSkill()
  await cleo.save(skillId, 'Second')
  await cleo.round()
  const versionId = await versionOf(cleo, skillId)
  const backup = office.registry.snapshot(office.tenantId)
  await cleo.app.api.versions.publish({ skillId, versionId, expected: null })
  await cleo.round()
  ben.fault = call => (call === 'get' ? { kind: 'retry', message: 'cut' } : undefined)
  expect(await ben.round()).toMatchObject({ kind: 'failed' })
  ben.fault = () => undefined
  office.registry.restore(office.tenantId, backup, 'new')
  const there = () => office.registry.rowsOf(office.tenantId, 'skills').get(skillId)
  expect(there()).toMatchObject({ published_version_id: null, content: null })
  return {
    office,
    ben,
    there,
    published: { published_version_id: versionId, content: expect.stringContaining('pdf-forms') },
  }
}

test('somebody else’s version is published with its text, which is brought for that (seed 6068698)', async () => {
  const { ben, there, published } = await publishedWithoutContent()
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(there()).toMatchObject(published)
})

test('what is published and nowhere waits for its text, and goes once somebody has sent that', async () => {
  const { office, ben, there, published } = await publishedWithoutContent()
  const objects = office.registry.objectsOf(office.tenantId)
  const kept = new Map(objects)
  objects.clear()
  await ben.round()
  expect(ben.queue()).toEqual([{ entity: 'skill', operation: 'publish', parked_code: 'damaged' }])
  for (const [key, value] of kept) objects.set(key, value)
  office.now += CAP_MS
  await ben.round()
  expect(ben.queue()).toEqual([])
  expect(there()).toMatchObject(published)
})

test('a publish whose text the store does not give holds no other one up', async () => {
  const { office, ben, cleo, skillId } = await twoWithOneSkill()
  const other = await ben.newSkill('other')
  await cleo.save(skillId, 'Second')
  for (const machine of [ben, cleo, cleo]) await machine.round()
  const backup = office.registry.snapshot(office.tenantId)
  const publish = async (machine: typeof ben, id: string) =>
    await machine.app.api.versions.publish({ skillId: id, versionId: await versionOf(machine, id), expected: null })
  await publish(cleo, skillId)
  await cleo.round()
  ben.fault = call => (call === 'get' ? { kind: 'retry', message: 'cut' } : undefined)
  await ben.round()
  office.registry.restore(office.tenantId, backup, 'new')
  const failed = { kind: 'failed', failed: { from: 'store' } }
  expect(await ben.round()).toMatchObject(failed)
  await publish(ben, other)
  expect(await ben.round()).toMatchObject(failed)
  const rows = office.registry.rowsOf(office.tenantId, 'skills')
  expect(rows.get(skillId)).toMatchObject({ published_version_id: null })
  expect(rows.get(other)).toMatchObject({ published_version_id: await versionOf(ben, other) })
})

test('content that another version needs is asked for again, although an older one was opened in vain', async () => {
  const { office, ben, skillId } = await twoWithOneSkill()
  const first = await versionOf(ben, skillId)
  await ben.save(skillId, 'Second')
  await ben.round()
  const shared = sha256(
    ben.library.get<{ bytes: Buffer }>("SELECT bytes FROM blobs WHERE CAST(bytes AS TEXT) LIKE '---%'").bytes,
  )
  office.registry.objectsOf(office.tenantId).delete(`blobs/sha256/${shared.slice(0, 2)}/${shared}`)
  const late = office.machine(office.member('Eve'))
  late.keep('newest')
  await late.round()
  const wanted = () => late.library.all('SELECT sha256 FROM content_wanted')
  expect(wanted()).toEqual([{ sha256: shared }])
  const old = late.library.get<{ content_hash: string }>('SELECT content_hash FROM skill_versions WHERE id = ?', first)
  expect(await late.engine.fetch([old.content_hash])).toEqual({ kind: 'missing', hashes: [shared] })
  expect(wanted()).toEqual([{ sha256: shared }])
})

test('bytes that hash right but are no bundle are refused and named', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'))
  const cleo = office.machine(office.member('Cleo'))
  const skillId = await ben.newSkill('pdf-forms')
  await ben.round()
  const evil = encodeManifest([{ path: '../escape', sha256: 'a'.repeat(64), size: 1, executable: false }])
  const hash = sha256(evil)
  const versionId = await versionOf(ben, skillId)
  const stored = office.registry.tenant(office.tenantId).tables.skill_versions.get(versionId)
  const row = { ...stored?.row, content_hash: hash }
  if (stored) office.registry.tenant(office.tenantId).tables.skill_versions.set(versionId, { ...stored, row })
  office.registry.objectsOf(office.tenantId).set(`blobs/sha256/${hash.slice(0, 2)}/${hash}`, {
    bytes: Buffer.from(evil),
    modifiedAt: 1,
  })
  expect(await cleo.round()).toEqual({ kind: 'done' })
  expect(cleo.conflicts()).toEqual(['damaged'])
  expect(cleo.library.find('SELECT 1 FROM blobs WHERE sha256 = ?', hash)).toBeUndefined()
})

test('where only the newest content is kept, old content comes when it is asked for', async () => {
  const { office, ben, skillId } = await twoWithOneSkill()
  const first = await versionOf(ben, skillId)
  await ben.save(skillId, 'Second')
  await ben.round()
  const late = office.machine(office.member('Eve'))
  late.keep('newest')
  await late.round()
  const missing = () =>
    late.library.all(
      'SELECT id FROM skill_versions v WHERE NOT EXISTS (SELECT 1 FROM blobs WHERE sha256 = v.content_hash)',
    )
  expect(missing()).toEqual([{ id: first }])
  const hash = late.library.get<{ content_hash: string }>('SELECT content_hash FROM skill_versions WHERE id = ?', first)
  expect(await late.engine.fetch([hash.content_hash])).toEqual({ kind: 'here' })
  expect(missing()).toEqual([])
})

test('healing puts right what is missing or damaged in the store', async () => {
  const { office, ben } = await twoWithOneSkill()
  const objects = office.registry.objectsOf(office.tenantId)
  const [first, second] = [...objects.keys()]
  objects.delete(first ?? '')
  objects.set(second ?? '', { bytes: Buffer.from('nonsense'), modifiedAt: 1 })
  const hashes = ben.library.all<{ sha256: string }>('SELECT sha256 FROM blobs').map(row => row.sha256)
  expect(await ben.engine.heal(hashes)).toBe(2)
  expect(objects.size).toBe(hashes.length)
  expect(await ben.engine.heal(hashes)).toBe(0)
})

test('whoever has content looks now and then whether the store still has it, and sends it again', async () => {
  const { office, ben } = await twoWithOneSkill()
  const objects = office.registry.objectsOf(office.tenantId)
  const [gone] = [...objects.keys()]
  objects.delete(gone ?? '')
  await ben.round()
  expect(objects.has(gone ?? '')).toBe(false)
  office.now += PATROL_MS
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(objects.has(gone ?? '')).toBe(true)
  expect(ben.log().join()).toContain('1 were sent again')
})

test('a reader puts back what was deleted too; one whose key only reads does not, and nothing is wrong with that', async () => {
  const { office } = await twoWithOneSkill()
  const objects = office.registry.objectsOf(office.tenantId)
  const [gone = ''] = [...objects.keys()]
  const dan = office.machine(office.member('Dan', 'reader'))
  expect(await dan.round()).toEqual({ kind: 'done' })
  objects.delete(gone)
  dan.fault = call => (call === 'repair' ? { kind: 'denied', message: 'AccessDenied' } : undefined)
  office.now += PATROL_MS
  expect(await dan.round()).toEqual({ kind: 'done' })
  expect(dan.calls).toContain('repair')
  expect(objects.has(gone)).toBe(false)
  dan.fault = () => undefined
  // Once to the end of what it knows to be there, and once more from the start.
  for (let n = 0; n < 2; n++) {
    office.now += PATROL_MS
    expect(await dan.round()).toEqual({ kind: 'done' })
  }
  expect(objects.has(gone)).toBe(true)
})

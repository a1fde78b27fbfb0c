import { expect, test } from 'vitest'
import { findBlob, putBlob, sha256 } from '../../electron/library/blobs.ts'
import { putCase } from '../../electron/library/cases.ts'
import { listMissingContent } from '../../electron/library/missing-content.ts'
import { blobKey } from '../../electron/registry/blobs.ts'
import { Office, type OneMachine } from './rounds-support.ts'

/** The files of benchmark cases on their way: content before the row that names it, verified where it arrives. */

function addCase(machine: OneMachine, skillId: string, text: string, here = true): { id: string; hash: string } {
  const bytes = Buffer.from(text)
  const hash = sha256(bytes)
  const id = machine.app.newId()
  const now = machine.app.clock()
  machine.library.write(() => {
    if (here) putBlob(machine.library, hash, bytes)
    const files = [
      { path: 'in.csv', sha256: hash, size: bytes.length },
      { path: 'not-here.csv', sha256: null, size: null },
    ]
    putCase(
      machine.library,
      {
        ...{ id, tenant_id: machine.tenantId, skill_id: skillId, name: 'Reads a table', prompt: 'Read it.' },
        ...{ expected_output: null, assertions: '[]', files: JSON.stringify(files), tags: '[]', weight: 1 },
        ...{ source_feedback_id: null, archived: 0, provenance: '{}', created_at: now, updated_at: now },
      },
      'insert',
    )
  })
  return { id, hash }
}

async function twoMachines() {
  const office = new Office()
  const ben = office.machine(office.member('Ben'))
  const cleo = office.machine(office.member('Cleo'))
  const skillId = await ben.newSkill('pdf-forms')
  await ben.round()
  const objects = office.registry.objectsOf(office.tenantId)
  return { office, ben, cleo, skillId, objects }
}
const textOf = (machine: OneMachine, hash: string) => {
  const found = findBlob(machine.library, hash)
  return found.kind === 'found' ? found.bytes.toString() : found.kind
}

test('a case’s files go before its row, once, and arrive with it, whichever content of versions is kept', async () => {
  const { ben, cleo, skillId } = await twoMachines()
  const { hash } = addCase(ben, skillId, 'a,b\n1,2\n')
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(ben.calls.filter(call => call !== 'pull')).toEqual(['put', 'push benchmark_cases'])
  // The same file in another case is not sent again.
  addCase(ben, skillId, 'a,b\n1,2\n')
  await ben.round()
  expect(ben.calls.filter(call => call !== 'pull')).toEqual(['push benchmark_cases'])
  cleo.keep('newest')
  await cleo.round()
  expect(textOf(cleo, hash)).toBe('a,b\n1,2\n')
  await cleo.round()
  expect(cleo.calls).toEqual(['pull'])
})

test('a store that cannot be reached holds the case and not the rest', async () => {
  const { ben, cleo, skillId } = await twoMachines()
  const { id, hash } = addCase(ben, skillId, 'held')
  const [version] = await ben.app.api.versions.list({ skillId })
  await ben.app.api.ratings.rate({ versionId: version?.id ?? '', rating: 5, comment: null, hoursSaved: null })
  ben.fault = call => (call === 'put' ? { kind: 'retry', message: 'gone' } : undefined)
  expect(await ben.round()).toMatchObject({ kind: 'failed', failed: { from: 'store' } })
  expect(ben.queue()).toEqual([{ entity: 'benchmark_case', operation: 'insert', parked_code: null }])
  await cleo.round()
  expect(cleo.library.find('SELECT 1 FROM benchmark_cases WHERE id = ?', id)).toBeUndefined()
  ben.fault = () => undefined
  expect(await ben.round()).toEqual({ kind: 'done' })
  await cleo.round()
  expect(textOf(cleo, hash)).toBe('held')
})

test('a case whose file is lost here is set aside with words; another computer’s copy in the store is taken', async () => {
  const { ben, cleo, skillId, objects } = await twoMachines()
  await cleo.round()
  addCase(ben, skillId, 'lost', false)
  const sound = addCase(ben, skillId, 'sound')
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(ben.queue()).toEqual([{ entity: 'benchmark_case', operation: 'insert', parked_code: 'damaged' }])
  expect(ben.library.get('SELECT parked_reason AS reason FROM outbox')).toEqual({
    reason: 'A file of this case is damaged or missing on this computer, so the case was not sent.',
  })
  expect([...listMissingContent(ben.library)].map(item => item.of)).toEqual(['pdf-forms, case “Reads a table”: in.csv'])
  expect(objects.has(blobKey(sound.hash))).toBe(true)
  // It lies in the store since, so a try finds it there.
  objects.set(blobKey(sha256(Buffer.from('lost'))), { bytes: Buffer.from('lost'), modifiedAt: 1 })
  ben.library.run('UPDATE outbox SET parked_code = NULL, parked_reason = NULL, parked_todo = NULL')
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(ben.queue()).toEqual([])
  expect([...listMissingContent(ben.library)]).toEqual([])
})

test('damaged on its way it is not stored, named by its case, and taken once it is whole; odd rows harm nobody', async () => {
  const { office, ben, cleo, skillId, objects } = await twoMachines()
  const { id, hash } = addCase(ben, skillId, 'whole')
  const odd = addCase(ben, skillId, 'odd')
  ben.library.run('UPDATE benchmark_cases SET files = ? WHERE id = ?', '["x", {"sha256": "../y"}, 1]', odd.id)
  await ben.round()
  const there = objects.get(blobKey(hash))
  objects.set(blobKey(hash), { bytes: Buffer.from('whale'), modifiedAt: 1 })
  expect(await cleo.round()).toEqual({ kind: 'done' })
  expect(textOf(cleo, hash)).toBe('missing')
  expect(cleo.library.all('SELECT kind, entity, entity_id, happened FROM conflicts')).toEqual([
    {
      kind: 'damaged',
      entity: 'benchmark_case',
      entity_id: id,
      happened: expect.stringContaining('A file of the benchmark case “Reads a table” of pdf-forms came'),
    },
  ])
  if (there) objects.set(blobKey(hash), there)
  office.now += 4_000_000
  await cleo.round()
  expect(textOf(cleo, hash)).toBe('whole')
})

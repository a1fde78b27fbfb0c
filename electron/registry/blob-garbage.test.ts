import { expect, test } from 'vitest'
import { type MemoryObjects, memoryBlobs } from '../../test/support/memory-blobs.ts'
import { reportGarbage } from './blob-garbage.ts'
import { blobKey, sha256 } from './blobs.ts'

const DAY = 24 * 60 * 60 * 1000
const blob = (text: string) => ({ bytes: Buffer.from(text), hash: sha256(Buffer.from(text)) })

test('tells garbage from what is in use, on its way, strange or missing, over many pages, and deletes nothing', async () => {
  const objects: MemoryObjects = new Map()
  let now = 0
  const store = memoryBlobs(objects, () => now)
  const used = Array.from({ length: 250 }, (_, n) => blob(`used ${n}`))
  const [old, onItsWay, lost] = [blob('old'), blob('on its way'), blob('lost')]
  for (const { hash, bytes } of [...used, old]) await store.put(hash, bytes)
  now = 10 * DAY
  await store.put(onItsWay.hash, onItsWay.bytes)
  objects.set('notes.txt', { bytes: Buffer.from('hello'), modifiedAt: 0 })
  const before = new Map(objects)

  const result = await reportGarbage(store, new Set([...used, lost].map(({ hash }) => hash)))
  expect(result).toEqual({
    kind: 'report',
    report: {
      blobs: 252,
      bytes: [...used, old, onItsWay].reduce((sum, { bytes }) => sum + bytes.length, 0),
      unreferenced: [{ key: blobKey(old.hash), hash: old.hash, size: 3, modifiedAt: 0 }],
      recent: [{ key: blobKey(onItsWay.hash), hash: onItsWay.hash, size: 10, modifiedAt: 10 * DAY }],
      strange: [{ key: 'notes.txt', size: 5, modifiedAt: 0 }],
      missing: [lost.hash],
    },
  })
  expect(objects).toEqual(before)
  expect(await reportGarbage(store, new Set(), { signal: AbortSignal.abort() })).toMatchObject({ kind: 'cancelled' })
})

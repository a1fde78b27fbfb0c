import { createHash } from 'node:crypto'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import type { Get } from './conformance-support.ts'
import type { MemberUnderTest } from './team.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
let blobs = 0
const newBlob = (size = 40) => {
  const bytes = bytesOf(`blob ${v7()} ${++blobs} `.padEnd(size, 'x'))
  return { bytes, hash: hashOf(bytes) }
}

export function content(get: Get) {
  const storeOf = (member: MemberUnderTest) => {
    if (!member.remote.blobs) throw new Error('there is no store')
    return member.remote.blobs
  }

  test('is stored once, and read by another member as it was', async () => {
    const { author, other } = get()
    const { bytes, hash } = newBlob()
    expect(await storeOf(author).get(hash)).toEqual({ kind: 'missing' })
    expect(await storeOf(author).put(hash, bytes)).toEqual({ kind: 'stored' })
    expect(await storeOf(author).put(hash, bytes)).toEqual({ kind: 'present' })
    expect(await storeOf(other).put(hash, bytes)).toEqual({ kind: 'present' })
    const read = await storeOf(other).get(hash)
    expect(read.kind === 'found' && Buffer.from(read.bytes).equals(bytes)).toBe(true)
    const { hash: absent } = newBlob()
    expect(await storeOf(other).has([hash, absent])).toEqual({
      kind: 'answer',
      present: new Map([[hash, bytes.length]]),
    })
  })

  test('under a wrong name is not sent; wrong bytes in the store are damage, told and repaired', async () => {
    const team = get()
    const { author, other } = team
    const { bytes, hash } = newBlob()
    expect(await storeOf(author).put(hash, bytesOf('other'))).toMatchObject({ kind: 'damaged' })
    expect(await storeOf(author).get(hash)).toEqual({ kind: 'missing' })
    await team.plant(hash, bytesOf('planted'))
    expect(await storeOf(other).get(hash)).toMatchObject({ kind: 'damaged' })
    expect(await storeOf(author).put(hash, bytes)).toMatchObject({ kind: 'damaged' })
    expect(await storeOf(author).repair(hash, bytes)).toEqual({ kind: 'stored' })
    expect(await storeOf(other).get(hash)).toMatchObject({ kind: 'found' })
  })

  test('of one team is not there for another', async () => {
    const { author, stranger } = get()
    const { bytes, hash } = newBlob()
    await storeOf(author).put(hash, bytes)
    expect(await storeOf(stranger).get(hash)).toEqual({ kind: 'missing' })
  })
}

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeInvite, encodeInvite, type Invite } from './invite.ts'

const invite: Invite = {
  tenant: { id: 't', name: 'Team “Ünï”' },
  user: { id: 'u', name: 'Ada' },
  role: 'author',
  database: 'postgres://whm_1:secret@db.example.com/team',
  storage: {
    kind: 'r2',
    endpoint: 'https://x.r2.cloudflarestorage.com',
    bucket: 'team',
    accessKeyId: 'a',
    secretAccessKey: 'b',
  },
  expiresAt: 1_800_000_000_000,
}

test('reads back, however a chat broke it into lines', () => {
  const text = encodeInvite(invite)
  expect(decodeInvite(text)).toEqual({ kind: 'invite', invite })
  expect(decodeInvite(`\n  ${text.match(/.{1,60}/g)?.join('\r\n ')}\n`)).toEqual({ kind: 'invite', invite })
})

test('a cut or altered one is told from a foreign text and from a newer one', () => {
  const text = encodeInvite(invite)
  const reasonOf = (given: string) => {
    const read = decodeInvite(given)
    return read.kind === 'invalid' ? read.reason : ''
  }
  fc.assert(
    fc.property(fc.integer({ min: 20, max: text.length - 1 }), length => reasonOf(text.slice(0, length)) !== ''),
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: text.length - 15 }),
      at => reasonOf(text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)) !== '',
    ),
  )
  expect(reasonOf(text.slice(0, -20))).toContain('incomplete')
  expect(reasonOf('hello')).toContain('no invite')
  expect(reasonOf('whetstone-invite-2.abc.def')).toContain('newer')
})

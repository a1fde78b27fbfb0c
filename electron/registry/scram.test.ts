import { expect, test } from 'vitest'
import { newPassword, scramVerifier } from './scram.ts'

test('is what RFC 7677 works out for its example', () => {
  // Section 3: user 'user', password 'pencil', this salt, 4096 rounds. The keys are of the exchange it prints.
  const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))
  expect(verifier).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  )
})

test('passwords are long and differ', () => {
  expect(newPassword()).toMatch(/^[\w-]{32}$/)
  expect(newPassword()).not.toBe(newPassword())
})

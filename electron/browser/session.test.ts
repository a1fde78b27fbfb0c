import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSession, sessionSecret } from './session.ts'

describe('a session', () => {
  const secret = randomBytes(32)
  const open = () => createSession(secret, '4000', randomBytes)
  const cookieOf = (session: ReturnType<typeof open>) => session.cookie().split(';')[0]

  test('lets a token in once', () => {
    const session = open()
    expect(session.redeem('')).toBe(false)
    expect(session.redeem(`${session.token()}x`)).toBe(false)
    expect(session.spent()).toBe(false)
    expect(session.redeem(session.token())).toBe(true)
    expect(session.redeem(session.token())).toBe(false)
    expect(session.spent()).toBe(true)
  })

  test('a renewed token is another one', () => {
    const session = open()
    const first = session.token()
    session.redeem(first)
    session.renew()
    expect(session.redeem(first)).toBe(false)
    expect(session.redeem(session.token())).toBe(true)
  })

  test('knows its cookie among others, also after a restart on the same secret', () => {
    const cookie = cookieOf(open())
    expect(open().holds(`a=b; ${cookie}; c`)).toBe(true)
    expect(open().holds(undefined)).toBe(false)
    expect(open().holds('')).toBe(false)
    expect(open().holds(`${cookie}x`)).toBe(false)
    expect(open().holds(`x${cookie}`)).toBe(false)
  })

  test('is no other library’s, and no other port’s', () => {
    const cookie = cookieOf(open())
    expect(createSession(randomBytes(32), '4000', randomBytes).holds(cookie)).toBe(false)
    expect(createSession(secret, '4001', randomBytes).holds(cookie?.replace('4000', '4001'))).toBe(false)
  })

  test('has a cookie that no script reads and no other site sends', () => {
    expect(open().cookie()).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/)
  })
})

describe('the secret beside the library', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'whetstone-session-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const file = () => join(folder, 'browser-session')

  test('is made once and kept', () => {
    const secret = sessionSecret(folder, randomBytes)
    expect(secret).toHaveLength(32)
    expect(sessionSecret(folder, randomBytes)).toEqual(secret)
  })

  test.skipIf(process.platform === 'win32')('can be read by its owner only, or it is made anew', () => {
    const secret = sessionSecret(folder, randomBytes)
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    chmodSync(file(), 0o644)
    expect(sessionSecret(folder, randomBytes)).not.toEqual(secret)
    expect(statSync(file()).mode & 0o777).toBe(0o600)
  })

  test('is made anew when it is damaged', () => {
    writeFileSync(file(), 'short', { mode: 0o600 })
    const secret = sessionSecret(folder, randomBytes)
    expect(secret).toHaveLength(32)
    expect(readFileSync(file(), 'utf8').trim()).toBe(secret.toString('base64url'))
  })

  test('lasts as long as the process where the folder cannot be written', () => {
    writeFileSync(join(folder, 'taken'), '')
    expect(sessionSecret(join(folder, 'taken'), randomBytes)).toHaveLength(32)
  })
})

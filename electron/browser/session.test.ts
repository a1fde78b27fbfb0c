import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createSessions } from './session.ts'

const tab = () => randomBytes(32).toString('base64url')

describe('sessions of the browser host', () => {
  const open = () => {
    let now = 0
    const sessions = createSessions({ random: randomBytes, clock: () => now })
    return {
      sessions,
      later: (ms: number) => {
        now += ms
      },
    }
  }

  test('the printed token lets one tab in, once', () => {
    const { sessions } = open()
    const token = sessions.token()
    const secret = tab()
    for (const wrong of ['x', `${token}x`, token.slice(1)])
      expect(sessions.admit({ secret, token: wrong })).toBeUndefined()
    expect(sessions.admit({ secret })).toBeUndefined()
    expect(sessions.spent()).toBe(false)
    expect(sessions.admit({ secret, token })).toBeDefined()
    expect(sessions.spent()).toBe(true)
    expect(sessions.admit({ secret: tab(), token })).toBeUndefined()
  })

  test('a tab that was let in is known by its secret alone, and may say the token again', () => {
    const { sessions } = open()
    const me = { secret: tab(), token: sessions.token() }
    const session = sessions.admit(me)
    expect(sessions.admit(me)).toBe(session)
    expect(sessions.admit({ secret: me.secret })).toBe(session)
  })

  test('a renewed token is another one', () => {
    const { sessions } = open()
    const token = sessions.token()
    sessions.admit({ secret: tab(), token })
    sessions.renew()
    expect(sessions.admit({ secret: tab(), token })).toBeUndefined()
    expect(sessions.admit({ secret: tab(), token: sessions.token() })).toBeDefined()
  })

  test('another tab joins the same session by a token of its own, once and within minutes', () => {
    const { sessions, later } = open()
    const session = sessions.admit({ secret: tab(), token: sessions.token() })
    if (session === undefined) throw new Error('not let in')
    const token = sessions.mint(session)
    expect(sessions.admit({ secret: tab(), token })).toBe(session)
    expect(sessions.admit({ secret: tab(), token })).toBeUndefined()
    const late = sessions.mint(session)
    later(6 * 60_000)
    expect(sessions.admit({ secret: tab(), token: late })).toBeUndefined()
  })

  test('ending a session shuts out all of its tabs and tokens, and nobody else', () => {
    const { sessions } = open()
    const [mine, yours] = [tab(), tab()]
    const session = sessions.admit({ secret: mine, token: sessions.token() })
    sessions.renew()
    const other = sessions.admit({ secret: yours, token: sessions.token() })
    if (session === undefined || other === undefined) throw new Error('not let in')
    const token = sessions.mint(session)
    sessions.end(session)
    expect(session.ended.aborted).toBe(true)
    expect(sessions.admit({ secret: mine })).toBeUndefined()
    expect(sessions.admit({ secret: tab(), token })).toBeUndefined()
    expect(sessions.mint(session)).not.toBe('')
    expect(sessions.admit({ secret: tab(), token: sessions.mint(session) })).toBeUndefined()
    expect(sessions.admit({ secret: yours })).toBe(other)
  })

  test('nothing of one start of the host is good for another', () => {
    const first = open().sessions
    const me = { secret: tab(), token: first.token() }
    first.admit(me)
    expect(open().sessions.admit(me)).toBeUndefined()
  })
})

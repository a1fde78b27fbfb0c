import { describe, expect, test } from 'vitest'
import { connectionOf, isLoopback, urlFor } from './connection.ts'

const reasonFor = (url: string): string => {
  const connection = connectionOf(url)
  return connection.kind === 'refused' ? connection.reason : ''
}

describe('a host that is not this computer', () => {
  const remote = 'postgres://me:secret@db.example.com:6543/team'
  test.each(['', '?sslmode=require', '?sslmode=verify-ca', '?sslmode=verify-full'])(
    'is verified in full, asked for or not: %s',
    suffix => {
      const connection = connectionOf(remote + suffix)
      if (connection.kind !== 'ok') throw new Error(connection.reason)
      expect(connection).toMatchObject({ host: 'db.example.com', database: 'team', user: 'me', local: false })
      expect(connection.config).toMatchObject({ port: 6543, password: 'secret', enableChannelBinding: true })
      expect(connection.config.ssl).toMatchObject({
        rejectUnauthorized: true,
        host: 'db.example.com',
        minVersion: 'TLSv1.2',
      })
    },
  )

  test.each(['disable', 'allow', 'prefer', 'no-verify', 'nonsense'])(
    'is refused with sslmode=%s, and told why',
    mode => {
      expect(reasonFor(`${remote}?sslmode=${mode}`)).toMatch(/db\.example\.com.*others can read.*verify-full/)
    },
  )

  test('is no host that only looks like this computer', () => {
    for (const host of [
      'localhost.example.com',
      '127.0.0.1.example.com',
      '0.0.0.0',
      '[::]',
      '10.0.0.1',
      '[::ffff:10.0.0.1]',
      '2130706433',
    ])
      expect(reasonFor(`postgres://me@${host}/team?sslmode=disable`), host).not.toBe('')
  })

  test('is given an own certificate authority as a file', () => {
    expect(reasonFor(`${remote}?sslrootcert=/ca.pem`)).toContain('--ca FILE')
    expect(connectionOf(remote, { ca: 'PEM' })).toMatchObject({ config: { ssl: { ca: 'PEM' } } })
  })
})

test('this computer is reached plainly, unless encryption is asked for', () => {
  for (const host of ['localhost', '127.0.0.1', '127.8.9.1', '[::1]'])
    expect(connectionOf(`postgres://me@${host}/team`), host).toMatchObject({
      kind: 'ok',
      local: true,
      config: { ssl: false, port: 5432 },
    })
  expect(connectionOf('postgres://me@localhost/team?sslmode=verify-full')).toMatchObject({
    config: { ssl: { rejectUnauthorized: true } },
  })
  expect(isLoopback('128.0.0.1')).toBe(false)
})

test.each([
  '',
  'db.example.com',
  'https://db.example.com/team',
  'postgres://db.example.com/team',
  'postgres://me@/team',
  'postgres://me@host',
  'postgres://me@host/',
])('%s is no connection string', text => {
  expect(reasonFor(text)).not.toBe('')
})

test('a member’s string is the owner’s with another login, and reads back', () => {
  const url = urlFor('postgres://owner:secret@db.example.com:6543/team?sslmode=verify-full', {
    user: 'whm_1',
    password: 'a/b@c:d?e#f%20',
  })
  expect(url).not.toContain('secret')
  expect(connectionOf(url)).toMatchObject({
    user: 'whm_1',
    config: { password: 'a/b@c:d?e#f%20', port: 6543, host: 'db.example.com' },
  })
})

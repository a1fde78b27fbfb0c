import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assetHeaders, contentSecurityPolicy, externalAddress, isLocalPath, pageHeaders } from './policy.ts'

function directives(policy: string): Map<string, string[]> {
  return new Map(
    policy.split('; ').map(part => {
      const [name = '', ...values] = part.split(' ')
      return [name, values]
    }),
  )
}

describe('the policy of a page', () => {
  const policy = directives(contentSecurityPolicy({ nonce: 'abc', connect: ['ws://127.0.0.1:1'] }))

  test('starts from nothing and runs no inline script', () => {
    expect(policy.get('default-src')).toEqual(["'none'"])
    expect(policy.get('script-src')).toEqual(["'self'"])
    expect(policy.get('frame-ancestors')).toEqual(["'none'"])
    expect(policy.get('base-uri')).toEqual(["'none'"])
    expect(policy.get('form-action')).toEqual(["'none'"])
  })

  test('knows styles by their nonce and connections by name', () => {
    expect(policy.get('style-src')).toEqual(["'self'", "'nonce-abc'"])
    expect(policy.get('connect-src')).toEqual(["'self'", 'ws://127.0.0.1:1'])
  })

  test('nowhere allows everything, unsafe sources or the web', () => {
    expect([...policy.values()].flat().join(' ')).not.toMatch(/unsafe|\*|https?:/)
  })

  test('is on every page, which is never kept and never framed', () => {
    const headers = pageHeaders({ nonce: 'abc' })
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['x-frame-options']).toBe('DENY')
    expect(assetHeaders('text/javascript', true)['x-content-type-options']).toBe('nosniff')
  })
})

describe('an address for the system’s browser', () => {
  test.each(['https://agentskills.io/specification', 'HTTPS://Example.com/a?b#c'])('%s is one', address => {
    expect(externalAddress(address)).toMatch(/^https:\/\//)
  })

  test.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'smb://host/share',
    'http://example.com/',
    'mailto:a@b.c',
    'ms-msdt:/id',
    'vscode://file/etc/passwd',
    'data:text/html,hello',
    'https://name:password@example.com/',
    '//example.com',
    '/etc/passwd',
    'C:\\Windows\\System32\\calc.exe',
    '\\\\host\\share',
    ' ',
    '',
    'https://',
  ])('%s is none', address => {
    expect(externalAddress(address)).toBeUndefined()
  })

  test('whatever is let through is https and parses to itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ validSchemes: ['https', 'http', 'ftp', 'file'] }), fc.string()), text => {
        const address = externalAddress(text)
        if (address !== undefined) expect(new URL(address).protocol).toBe('https:')
      }),
    )
  })
})

describe('a path to show in the file manager', () => {
  test.each([
    ['linux', '/home/a/library.db', true],
    ['linux', 'library.db', false],
    ['linux', '', false],
    ['linux', '/home/a\0b', false],
    ['win32', 'C:\\Users\\a\\library.db', true],
    // Looking at a share tells its host who is asking.
    ['win32', '\\\\host\\share\\x', false],
    ['win32', '//host/share/x', false],
    ['win32', '\\\\?\\UNC\\host\\share', false],
    ['win32', '\\Windows', false],
  ] as const)('%s: %s → %s', (platform, path, local) => {
    expect(isLocalPath(path, platform)).toBe(local)
  })
})

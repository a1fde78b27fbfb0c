import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Assets, openAssets, resolveAsset } from './assets.ts'
import { NONCE_MARK } from './policy.ts'

const files = new Set(['/index.html', '/assets/index-abc.js', '/favicon.svg'])

describe('what a path asks for', () => {
  test.each([
    ['/', 'page'],
    ['/index.html', 'page'],
    ['/skill/some-id/history', 'page'],
    ['/skill/x/files/SKILL.md', 'page'],
    ['/skill/x/files/references%2Fnotes.md', 'page'],
    ['/assets/index-abc.js', 'file'],
    ['/favicon.svg', 'file'],
    ['/assets/gone.js', 'missing'],
    ['/../package.json', 'refused'],
    ['/%2e%2e/package.json', 'refused'],
    ['/%2E%2e/%2e%2E/etc/passwd', 'refused'],
    ['/assets/..%2f..%2fpackage.json', 'refused'],
    ['/assets/%2e/index-abc.js', 'refused'],
    ['/..%5c..%5cpackage.json', 'refused'],
    ['/assets\\..\\package.json', 'refused'],
    ['/assets/index-abc.js%00.png', 'refused'],
    ['/%', 'refused'],
    ['/%ff', 'refused'],
    ['', 'refused'],
    ['package.json', 'refused'],
  ])('%s → %s', (path, kind) => {
    expect(resolveAsset(files, path).kind).toBe(kind)
  })

  test('no path, however made, names a file that is not in the list', () => {
    const piece = fc.constantFrom('..', '.', '%2e%2e', '%2f', '%5c', '\\', '%00', 'assets', 'index-abc.js', 'etc', '')
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), parts => {
        const asked = resolveAsset(files, `/${parts.join('/')}`)
        if (asked.kind === 'file') expect(files.has(asked.path)).toBe(true)
      }),
    )
  })
})

describe('the built page', () => {
  let folder = ''
  let assets: Assets

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'whetstone-assets-'))
    mkdirSync(join(folder, 'out', 'assets'), { recursive: true })
    writeFileSync(join(folder, 'secret.txt'), 'secret')
    writeFileSync(join(folder, 'out', 'index.html'), `<style nonce="${NONCE_MARK}"></style><i>${NONCE_MARK}</i>`)
    writeFileSync(join(folder, 'out', 'assets', 'a.js'), 'let a')
    if (process.platform !== 'win32') symlinkSync(join(folder, 'secret.txt'), join(folder, 'out', 'assets', 'link.js'))
    assets = await openAssets(join(folder, 'out'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('gets a nonce of its own, in the page and in its policy', async () => {
    const { body, headers } = await assets.answer('/any/address', { nonce: 'n1' })
    expect(body).toBe('<style nonce="n1"></style><i>n1</i>')
    expect(headers['content-security-policy']).toContain("'nonce-n1'")
  })

  test('serves what was built with its type, for ever', async () => {
    const { status, body, headers } = await assets.answer('/assets/a.js', { nonce: 'n' })
    expect([status, String(body)]).toEqual([200, 'let a'])
    expect(headers['content-type']).toMatch(/^text\/javascript/)
    expect(headers['cache-control']).toContain('immutable')
  })

  test('a file that came later, or a link, is not served', async () => {
    writeFileSync(join(folder, 'out', 'assets', 'later.js'), 'later')
    expect((await assets.answer('/assets/later.js', { nonce: 'n' })).status).toBe(404)
    expect((await assets.answer('/assets/link.js', { nonce: 'n' })).status).toBe(404)
  })
})

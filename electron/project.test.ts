import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { defaultDataDir, projectRoot } from './project.ts'

describe('the folder of the application', () => {
  const root = join(import.meta.dirname, '..')

  test.each(['electron/main.ts', 'electron/entry/child.ts', 'out/main/main.js', 'out/main/chunks/a.js'])(
    'is found from %s',
    file => {
      expect(projectRoot(pathToFileURL(join(root, file)).href)).toBe(root)
      expect(existsSync(join(projectRoot(import.meta.url), 'migrations'))).toBe(true)
    },
  )

  test('is missed in words', () => {
    expect(() => projectRoot(pathToFileURL('/nowhere/a.js').href)).toThrow('migrations/ is missing')
  })
})

describe('where the library lives', () => {
  test.skipIf(process.platform === 'win32')('follows each platform, and what the person says above all', () => {
    expect(defaultDataDir('linux', {}, '/home/a')).toBe('/home/a/.local/share/whetstone')
    expect(defaultDataDir('linux', { XDG_DATA_HOME: '/data' }, '/home/a')).toBe('/data/whetstone')
    expect(defaultDataDir('linux', { XDG_DATA_HOME: 'relative' }, '/home/a')).toBe('/home/a/.local/share/whetstone')
    expect(defaultDataDir('darwin', {}, '/Users/a')).toBe('/Users/a/Library/Application Support/Whetstone')
    expect(defaultDataDir('win32', { APPDATA: '/roaming' }, '/a')).toBe('/roaming/Whetstone')
    expect(defaultDataDir('linux', { WHETSTONE_DATA: '/mine' }, '/home/a')).toBe('/mine')
  })
})

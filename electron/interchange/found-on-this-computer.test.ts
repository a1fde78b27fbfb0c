import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { countSkills, skillPlaces } from './found-on-this-computer.ts'

const signal = new AbortController().signal
let home = ''
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'home-')))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

function write(path: string): void {
  mkdirSync(dirname(join(home, path)), { recursive: true })
  writeFileSync(join(home, path), '')
}

test('places lie below the home folder, in the platform’s spelling, each once', () => {
  const places = skillPlaces('/home/a', 'linux')
  expect(places).toContainEqual({ label: 'Claude Code', path: '/home/a/.claude/skills' })
  expect(new Set(places.map(place => place.path)).size).toBe(places.length)
  expect(places.every(place => place.path.startsWith('/home/a/.'))).toBe(true)
  expect(skillPlaces('C:\\Users\\a', 'win32')).toContainEqual({ label: 'Codex', path: 'C:\\Users\\a\\.codex\\skills' })
})

test('counts folders with a SKILL.md, not what is inside them', async () => {
  write('s/a/SKILL.md')
  write('s/a/templates/x/SKILL.md')
  write('s/b/skill.md')
  write('s/c/README.md')
  write('s/node_modules/d/SKILL.md')
  expect(await countSkills(join(home, 's'), signal)).toBe(2)
})

test('finds the skills of plugins in their marketplaces', async () => {
  write('m/market/plugins/plugin/skills/a/SKILL.md')
  write('m/market/one/two/three/four/five/too-deep/SKILL.md')
  expect(await countSkills(join(home, 'm'), signal)).toBe(1)
})

test('a missing place, a file and an empty folder have none', async () => {
  write('file')
  mkdirSync(join(home, 'empty'))
  for (const name of ['nowhere', 'file', 'empty']) expect(await countSkills(join(home, name), signal)).toBe(0)
})

test.skipIf(process.platform === 'win32')('a place may be a link; links in it are met where they lead', async () => {
  write('dotfiles/a/SKILL.md')
  symlinkSync('dotfiles', join(home, 'place'))
  symlinkSync('..', join(home, 'dotfiles/loop'))
  expect(await countSkills(join(home, 'place'), signal)).toBe(1)
})

test('a cancel rejects with its reason', async () => {
  await expect(countSkills(home, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
})

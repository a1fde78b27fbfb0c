import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectDir, temporaryFolder } from './support/backend.ts'

/**
 * The walls between the layers are a tool's configuration, and a configuration that matches nothing looks like one that
 * is kept. So the rules are shown a house without a fault, and one with a fault for each of them.
 */
const CLEAN: Record<string, string> = {
  'package.json': '{ "devDependencies": { "electron": "1", "tool": "1" } }',
  'shared/domain/a.ts': 'export const a = 1',
  'shared/domain/other.ts': 'export type Other = 1',
  'shared/contract/b.ts': "import { a } from '../domain/a.ts'\nexport type B = typeof a",
  'electron/library/c.ts': "import { a } from '../../shared/domain/a.ts'\nexport const c = a",
  'electron/interchange/d.ts': 'export const d = 1',
  'electron/registry/e.ts': 'export const e = 1',
  'electron/sync/f.ts': "import { c } from '../library/c.ts'\nexport const f = c",
  'electron/benchmark/z.ts': 'export const z = 1',
  'electron/services/g.ts': "import { c } from '../library/c.ts'\nexport const g = c",
  'electron/backend.ts': "import { g } from './services/g.ts'\nexport const h = g",
  'electron/window.ts': 'export const w = 1',
  'electron/entry/run.ts': "import { h } from '../backend.ts'\nexport const i = h",
  'renderer/ui/j.ts': "import { a } from '../../shared/domain/a.ts'\nexport const j = a",
  'renderer/skills/list/k.ts': "import { j } from '../../ui/j.ts'\nexport const k = j",
  'renderer/ratings/l.ts': 'export const l = 1',
  'test/support/m.ts': 'export const m = 1',
  'node_modules/electron/package.json': '{ "name": "electron", "main": "index.js" }',
  'node_modules/electron/index.js': '',
  'node_modules/tool/package.json': '{ "name": "tool", "main": "index.js" }',
  'node_modules/tool/index.js': '',
  'node_modules/stray/package.json': '{ "name": "stray", "main": "index.js" }',
  'node_modules/stray/index.js': '',
}

const FAULTS: [rule: string, file: string, text: string][] = [
  ['domain-is-pure', 'shared/domain/x1.ts', "import type { B } from '../contract/b.ts'\nexport type X = B"],
  ['domain-without-platform', 'shared/domain/x2.ts', "import fs from 'node:fs'\nexport const x = fs"],
  [
    'contract-on-domain',
    'shared/contract/x3.ts',
    "import { c } from '../../electron/library/c.ts'\nexport const x = c",
  ],
  ['library-on-domain', 'electron/library/x4.ts', "import { g } from '../services/g.ts'\nexport const x = g"],
  [
    'library-on-domain',
    'electron/library/x5.ts',
    "import type { B } from '../../shared/contract/b.ts'\nexport type X = B",
  ],
  ['interchange-on-domain', 'electron/interchange/x6.ts', "import { c } from '../library/c.ts'\nexport const x = c"],
  ['registry-on-domain', 'electron/registry/x7.ts', "import { c } from '../library/c.ts'\nexport const x = c"],
  ['sync-on-library', 'electron/sync/x8.ts', "import { e } from '../registry/e.ts'\nexport const x = e"],
  ['remote-is-types', 'electron/sync/remote.ts', "import { e } from '../registry/e.ts'\nexport const x = e"],
  ['benchmark-on-shared', 'electron/benchmark/x23.ts', "import { c } from '../library/c.ts'\nexport const x = c"],
  ['services-below', 'electron/services/x24.ts', "import { z } from '../benchmark/z.ts'\nexport const x = z"],
  ['services-below', 'electron/services/x9.ts', "import { f } from '../sync/f.ts'\nexport const x = f"],
  ['services-below', 'electron/services/x10.ts', "export const x = () => import('../backend.ts')"],
  ['page-on-shared', 'renderer/ratings/x11.ts', "import { c } from '../../electron/library/c.ts'\nexport const x = c"],
  ['page-without-node', 'renderer/ratings/x12.ts', "import path from 'node:path'\nexport const x = path"],
  ['features-apart', 'renderer/ratings/x13.ts', "import { k } from '../skills/list/k.ts'\nexport const x = k"],
  ['parts-below-features', 'renderer/ui/x14.ts', "import { l } from '../ratings/l.ts'\nexport const x = l"],
  ['electron-in-its-place', 'electron/services/x15.ts', "import { app } from 'electron'\nexport const x = app"],
  ['window-files-by-main', 'electron/services/x16.ts', "import { w } from '../window.ts'\nexport const x = w"],
  ['entries-are-ends', 'electron/x17.ts', "import { i } from './entry/run.ts'\nexport const x = i"],
  ['nothing-on-tests', 'electron/services/x18.ts', "import { m } from '../../test/support/m.ts'\nexport const x = m"],
  ['no-cycle', 'electron/library/x19.ts', "import { y } from './y.ts'\nexport const x = () => y"],
  ['shipped-dependencies', 'electron/library/x20.ts', "import tool from 'tool'\nexport const x = tool"],
  ['resolvable', 'electron/library/x21.ts', "import z from './nowhere.ts'\nexport const x = z"],
  ['named-dependencies', 'renderer/ratings/x22.ts', "import stray from 'stray'\nexport const x = stray"],
]
/** The other half of the cycle. */
const OTHER_HALF = { 'electron/library/y.ts': "import { x } from './x19.ts'\nexport const y = () => x" }

function write(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    fs.writeFileSync(path.join(folder, name), text)
  }
}

/** The names of the rules that a house breaks, with the files that break them. */
function broken(folder: string): string[] {
  const bin = path.join(projectDir, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruiser.mjs')
  const config = path.join(projectDir, '.dependency-cruiser.cjs')
  const args = [bin, '--config', config, '--output-type', 'json', 'electron', 'renderer', 'shared']
  const run = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  const { summary } = JSON.parse(run.stdout)
  return summary.violations.map((one: { rule: { name: string }; from: string }) => `${one.rule.name} ${one.from}`)
}

describe('the walls between the layers', () => {
  let folder = ''
  beforeAll(() => {
    folder = temporaryFolder()
  })
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

  test('a house without a fault breaks none', () => {
    const house = path.join(folder, 'clean')
    write(house, CLEAN)
    expect(broken(house)).toEqual([])
  })

  test('every fault is found', () => {
    const house = path.join(folder, 'faulty')
    write(house, { ...CLEAN, ...OTHER_HALF, ...Object.fromEntries(FAULTS.map(([, file, text]) => [file, text])) })
    const found = broken(house)
    for (const [rule, file] of FAULTS) expect(found).toContain(`${rule} ${file}`)
  })

  test('every rule is shown a fault', () => {
    const rules = fs.readFileSync(path.join(projectDir, '.dependency-cruiser.cjs'), 'utf8')
    const names = [...rules.matchAll(/(?:name: |only\(\s*)'([a-z-]+)'/g)].map(match => match[1])
    expect(names.length).toBeGreaterThan(15)
    expect(new Set(FAULTS.map(([rule]) => rule))).toEqual(new Set(names))
  })
})

import { spawn, spawnSync } from 'node:child_process'
import { delimiter, join, resolve } from 'node:path'
import { missingElectron } from './e2e/support/electron.ts'

/**
 * `npm run hostile`: sends every hostile value to a registry, and every code point in a slug; builds, and opens every hostile
 * document, and texts of 5 MB, in a browser and, where one can be had, in Electron. `npm test` has a sample of each.
 */
const ROOT = resolve(import.meta.dirname, '..')
const env = {
  ...process.env,
  PATH: [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  WHETSTONE_HOSTILE: 'all',
}
const options = { cwd: ROOT, env, stdio: 'inherit', shell: process.platform === 'win32' } as const

const needsDisplay = missingElectron(ROOT)?.startsWith('no display') ?? false
const hasXvfb = spawnSync('xvfb-run', ['--help'], { stdio: 'ignore' }).error === undefined
const onDisplay = needsDisplay && hasXvfb ? ['xvfb-run', '-a', '-s', '-noreset -screen 0 1280x1024x24'] : []
const playwright = [
  'playwright',
  'test',
  '-c',
  'test/e2e/playwright.config.ts',
  'hostile.spec.ts',
  'large-text.spec.ts',
]

const rows = spawnSync('vitest', ['run', 'test/registry/samples.test.ts', 'test/registry/row-rules.test.ts'], options)
const built = spawnSync('electron-vite', ['build', '--logLevel', 'warn'], options)
if (built.status !== 0) process.exit(1)
const [command = '', ...args] = [...onDisplay, ...playwright]
spawn(command, args, options).once('exit', code => {
  process.exitCode = code === 0 ? (rows.status ?? 1) : (code ?? 1)
})

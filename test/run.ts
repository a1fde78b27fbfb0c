import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { missingElectron } from './e2e/support/electron.ts'
import type { Counts } from './support/unit-reporter.ts'

/**
 * `npm test`: everything, one section a step, and a last line `N passed, N failed, N skipped`. `npm run check` (`--fast`)
 * leaves out the build, the tests below test/, and those in a browser and in Electron. Each step runs whatever the one before it found.
 */
const ROOT = resolve(import.meta.dirname, '..')
const WINDOWS = process.platform === 'win32'
const fast = process.argv.includes('--fast')
const reports = mkdtempSync(join(tmpdir(), 'whetstone-reports-'))

type Outcome = { name: string; seconds: number; ok: boolean; counts?: Counts }

const env = {
  ...process.env,
  // What is compiled once serves every process that a test starts; a third of all the time went into compiling again.
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(ROOT, 'node_modules', '.cache', 'compiled'),
  PATH: [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
}

/** Runs a program of node_modules/.bin, its words going where ours go. */
function run(command: string, args: readonly string[], more: Record<string, string> = {}): Promise<boolean> {
  return new Promise(done => {
    const child = spawn(command, args, { cwd: ROOT, env: { ...env, ...more }, stdio: 'inherit', shell: WINDOWS })
    child.once('error', error => {
      console.error(error.message)
      done(false)
    })
    child.once('exit', code => done(code === 0))
  })
}

const outcomes: Outcome[] = []

async function step(name: string, work: () => Promise<{ ok: boolean; counts?: Counts }>): Promise<boolean> {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 76 - name.length))}`)
  const began = performance.now()
  const { ok, counts } = await work()
  const seconds = (performance.now() - began) / 1000
  outcomes.push({ name, seconds, ok, counts })
  const figures = counts ? `, ${sayCounts(counts.passed, counts.failed, counts.skipped.length)}` : ''
  console.log(`${ok ? '✓' : '✗'} ${name}: ${seconds.toFixed(1)} s${figures}`)
  return ok
}

const sayCounts = (passed: number, failed: number, skipped: number) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`

async function unitTests(): Promise<{ ok: boolean; counts: Counts }> {
  const file = join(reports, 'unit.json')
  const reporters = ['--reporter=default', '--reporter=./test/support/unit-reporter.ts']
  // What needs more than one room lies below test/; what takes seconds, for it goes through all real data or starts a server,
  // is named long.
  const which = fast ? ['--exclude', 'test/**', '--exclude', '**/*.long.test.ts'] : []
  const args = ['run', '--includeTaskLocation', ...reporters, ...which]
  const ok = await run('vitest', args, { WHETSTONE_UNIT_REPORT: file })
  return { ok, counts: readReport(file, (report: Counts) => report) }
}

/** A run that left no report failed as a whole. */
function readReport<Report>(file: string, count: (report: Report) => Counts): Counts {
  try {
    return count(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return { passed: 0, failed: 1, skipped: [] }
  }
}

type E2eTest = { projectName: string; status: string; annotations: { type: string; description?: string }[] }
type E2eSuite = { suites?: E2eSuite[]; specs: { file: string; title: string; tests: E2eTest[] }[] }

/** One that stays: by default it begins anew when the last window has gone, and who opens one just then finds none. */
const XVFB = ['xvfb-run', '-a', '-s', '-noreset -screen 0 1280x1024x24']

/** In a browser and, where one can be had, in Electron: on this display, or on one made for it. */
async function e2eTests(): Promise<{ ok: boolean; counts: Counts }> {
  const file = join(reports, 'e2e.json')
  const needsDisplay = missingElectron(ROOT)?.startsWith('no display') ?? false
  const onDisplay = needsDisplay && has('xvfb-run') ? XVFB : []
  const [command = '', ...args] = [...onDisplay, 'playwright', 'test', '-c', 'test/e2e/playwright.config.ts']
  const ok = await run(command, args, { WHETSTONE_E2E_REPORT: file })
  return { ok, counts: readReport(file, countE2e) }
}

function countE2e(report: E2eSuite & { errors: unknown[] }): Counts {
  const counts: Counts = { passed: 0, failed: report.errors.length, skipped: [] }
  const visit = (suite: Partial<E2eSuite>) => {
    for (const { file, title, tests } of suite.specs ?? []) {
      for (const { projectName, status, annotations } of tests) {
        if (status === 'expected' || status === 'flaky') counts.passed++
        else if (status === 'unexpected') counts.failed++
        else {
          const why = annotations.find(({ type }) => type === 'skip')?.description ?? 'no reason given'
          counts.skipped.push({ name: `${file} › ${title} (${projectName})`, why })
        }
      }
    }
    for (const inner of suite.suites ?? []) visit(inner)
  }
  visit(report)
  return counts
}

function has(command: string): boolean {
  return spawnSync(command, ['--help'], { stdio: 'ignore' }).error === undefined
}

/** Skipped tests by their reason, so that one missing thing reads as one. */
function printSkipped(skipped: Counts['skipped']): void {
  if (skipped.length === 0) return
  console.log('\nSkipped:')
  for (const [why, group] of Map.groupBy(skipped, ({ why }) => why)) {
    console.log(`  ${why} (${group.length})`)
    for (const { name } of group) console.log(`    ${name}`)
  }
}

const LAYERS = ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'electron', 'renderer', 'shared']

console.log(`Node ${process.version} on ${process.platform} ${process.arch}, ${has('git') ? 'git' : 'no git'}`)
await step('types', async () => ({ ok: await run('tsc', ['--pretty', 'false']) }))
await step('lint and format', async () => ({ ok: await run('biome', ['ci', '.']) }))
await step('layers', async () => ({ ok: await run('depcruise', LAYERS) }))
await step(fast ? 'unit tests' : 'unit and integration tests', unitTests)
if (!fast) {
  const built = await step('build', async () => ({ ok: await run('electron-vite', ['build', '--logLevel', 'warn']) }))
  if (built) await step('end-to-end tests', e2eTests)
}
rmSync(reports, { recursive: true, force: true })

console.log('')
for (const { name, seconds, ok } of outcomes) {
  console.log(`${ok ? '✓' : '✗'} ${name.padEnd(28)} ${seconds.toFixed(1).padStart(6)} s`)
}
printSkipped(outcomes.flatMap(({ counts }) => counts?.skipped ?? []))

const sum = (figure: (counts: Counts) => number) =>
  outcomes.reduce((total, { counts }) => total + (counts ? figure(counts) : 0), 0)
// A step without tests that failed, or one whose tests passed though it did not, is a failure too.
const failedSteps = outcomes.filter(({ ok, counts }) => !ok && (counts?.failed ?? 0) === 0).length
const failed = sum(counts => counts.failed) + failedSteps
console.log(
  `\n${sayCounts(
    sum(counts => counts.passed),
    failed,
    sum(counts => counts.skipped.length),
  )}`,
)
process.exitCode = failed === 0 ? 0 : 1

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { projectDir } from '../support/backend.ts'
import type { Mistake } from './mistakes.ts'

/** `survived`: the suite is green over a program that is wrong. `stale`: the patch fits nowhere any more. */
export type Outcome =
  | { kind: 'caught'; by: string; seconds: number }
  | { kind: 'survived'; seconds: number }
  | { kind: 'stale'; reason: string }
  | { kind: 'broken'; reason: string }

/** What of the tree the suites need. Dependencies are linked. */
const COPIED = [
  'electron',
  'shared',
  'renderer',
  'migrations',
  'test',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
]
const LONGEST_MS = 300_000

/** A copy of the tree to make mistakes in; nothing of it reaches the real one. */
export class Scratch {
  readonly dir: string

  constructor(from = projectDir) {
    this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'whetstone-mutant-'))
    for (const name of COPIED) fs.cpSync(path.join(from, name), path.join(this.dir, name), { recursive: true })
    fs.symlinkSync(path.join(from, 'node_modules'), path.join(this.dir, 'node_modules'), 'dir')
  }

  /** Makes the mistake, runs the suite that should see it, and takes the mistake back. */
  async plant(mistake: Mistake): Promise<Outcome> {
    const before = new Map<string, string>()
    try {
      for (const { file, find, replace } of mistake.edits) {
        const place = path.join(this.dir, file)
        if (!fs.existsSync(place)) return { kind: 'stale', reason: `There is no ${file}.` }
        const text = fs.readFileSync(place, 'utf8')
        if (!before.has(file)) before.set(file, text)
        const times = text.split(find).length - 1
        if (times !== 1) return { kind: 'stale', reason: `${file} has its text ${times} times: ${find.slice(0, 60)}` }
        fs.writeFileSync(
          place,
          text.replace(find, () => replace),
        )
      }
      return await this.run(mistake.suite)
    } finally {
      for (const [file, text] of before) fs.writeFileSync(path.join(this.dir, file), text)
    }
  }

  /** Runs one suite over the copy as it is. `survived` means green. */
  async run(suite: Mistake['suite']): Promise<Outcome> {
    const report = path.join(this.dir, 'report.json')
    fs.rmSync(report, { force: true })
    const began = performance.now()
    const ended = await runVitest(this.dir, suite, report)
    const seconds = (performance.now() - began) / 1000
    if (ended === 'endless') return { kind: 'caught', by: 'it did not end', seconds }
    if (!fs.existsSync(report)) return { kind: 'broken', reason: 'The suite left no report.' }
    const { numTotalTests, numPendingTests, testResults } = reported.parse(JSON.parse(fs.readFileSync(report, 'utf8')))
    const tests = testResults.flatMap(file => file.assertionResults)
    const failed = tests.find(test => test.status === 'failed')
    if (failed) return { kind: 'caught', by: failed.title, seconds }
    const file = testResults.find(one => one.status === 'failed')
    if (file) return { kind: 'broken', reason: `The suite did not load: ${file.message?.slice(0, 300) ?? ''}` }
    const skipped = tests.every(test => test.status !== 'passed')
    if (numTotalTests === 0 || numPendingTests === numTotalTests || skipped)
      return { kind: 'broken', reason: 'None of the suite’s tests ran.' }
    return { kind: 'survived', seconds }
  }

  remove(): void {
    fs.rmSync(this.dir, { recursive: true, force: true })
  }
}

const reported = z.object({
  numTotalTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ title: z.string(), status: z.string() })),
    }),
  ),
})

function runVitest(dir: string, suite: Mistake['suite'], report: string): Promise<'ended' | 'endless'> {
  const only = suite.test === undefined ? [] : ['-t', suite.test]
  const args = ['run', suite.file, ...only, '--bail=1', '--reporter=json', `--outputFile=${report}`]
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(dir, 'node_modules', '.bin', 'vitest'), args, {
      cwd: dir,
      stdio: 'ignore',
      detached: true,
      env: {
        ...process.env,
        PATH: `${path.join(dir, 'node_modules', '.bin')}${path.delimiter}${process.env.PATH}`,
        ...suite.env,
      },
    })
    const timer = setTimeout(() => {
      // Its own group: the workers go with it.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      resolve('endless')
    }, LONGEST_MS)
    child.once('error', reject)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve('ended')
    })
  })
}

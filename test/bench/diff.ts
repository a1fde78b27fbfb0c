/**
 * The diff engine against git's histogram diff (its process included) and VS Code's algorithm, in one run, on real
 * version pairs and on generated files. `node test/bench/diff.ts` runs it alone; `--all` adds VS Code's slowest cases.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { DefaultLinesDiffComputer } from 'vscode-diff'
import { diffLinesOfTexts } from '../../shared/domain/diff/lines.ts'
import { diffText } from '../../shared/domain/diff/text.ts'

type Pair = { a: string; b: string }
type Case = { name: string; pairs: Pair[]; vscode: boolean }
/** Milliseconds for all pairs of a case, and lines removed and added. */
type Measured = { ms: number; script: number }

const HISTORIES = join(import.meta.dirname, '../../../shared/data/skill-histories')
/** VS Code's algorithm is stopped here; it then answers with one great change. */
const VSCODE_LIMIT_MS = 10_000

/** Prints the table, and one line for every goal that was missed. */
export async function benchDiff(print: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'diff-bench-'))
  try {
    const hasGit = spawnSync('git', ['--version']).status === 0
    if (!hasGit) print('git is not installed: its columns are left out.')
    if (!existsSync(HISTORIES)) print('../shared/data is missing: generated histories stand in for real ones.')
    print('Milliseconds, best of several rounds; git = diff --no-index --histogram --numstat, with its start.')
    print(row(['', 'lines', 'script', 'git', 'start', 'script', 'git ÷', '+ words', '+ moves', 'VS Code', 'VS ÷']))
    const missed: string[] = []
    for (const one of cases()) measureCase(one, hasGit ? folder : undefined, print, missed)
    // Absolute goals mean little on a machine that is busy with something else.
    print(`Load at the end: ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores.`)
    print(missed.length === 0 ? 'Every goal met.' : `Missed: ${missed.join('; ')}.`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function measureCase(one: Case, folder: string | undefined, print: (line: string) => void, missed: string[]): void {
  const git = folder === undefined ? undefined : gitDiff(one.pairs, folder)
  const lines = measure(one.pairs, ({ a, b }) => scriptLength(a, b))
  const words = measure(one.pairs, ({ a, b }) => diffText(a, b, { moves: false }).changes.length)
  const full = measure(one.pairs, ({ a, b }) => diffText(a, b).changes.length)
  const single = one.pairs.length === 1
  const code = one.vscode || process.argv.includes('--all') ? vscodeMs(one.pairs) : undefined
  print(
    row([
      one.name,
      ms(lines.ms),
      `${lines.script}`,
      git ? ms(git.ms) : '–',
      git && folder !== undefined ? ms(gitStart(folder) * one.pairs.length) : '–',
      git ? `${git.script}` : '–',
      git ? ratio(git.ms / lines.ms) : '–',
      ms(words.ms),
      ms(full.ms),
      code === undefined ? '–' : `${single && code >= VSCODE_LIMIT_MS ? '>' : ''}${ms(code)}`,
      code === undefined ? '–' : `${single && code >= VSCODE_LIMIT_MS ? '>' : ''}${ratio(code / words.ms)}`,
    ]),
  )
  if (git && lines.ms > git.ms) missed.push(`${one.name}: slower than git`)
  if (git && lines.script > git.script) missed.push(`${one.name}: script longer than git's`)
  const limit = one.name.startsWith('20,000 rewritten')
    ? 50
    : one.name.startsWith('100,000 rewritten')
      ? 150
      : undefined
  if (limit !== undefined && lines.ms > limit) missed.push(`${one.name}: over ${limit} ms`)
  if (one.name === '20,000 · 10%' && code !== undefined && code < 30 * words.ms)
    missed.push(`${one.name}: less than 30 × VS Code`)
}

const ms = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0))
const ratio = (value: number): string => `${value < 10 ? value.toFixed(1) : value.toFixed(0)}×`
const row = ([name = '', ...cells]: string[]): string => name.padEnd(34) + cells.map(cell => cell.padStart(9)).join(' ')

function scriptLength(a: string, b: string): number {
  let length = 0
  for (const hunk of diffLinesOfTexts(a, b).hunks) length += hunk.aEnd - hunk.aStart + hunk.bEnd - hunk.bStart
  return length
}

/** Best of at least 5 rounds of the whole list, until half a second has gone. */
function measure(pairs: readonly Pair[], work: (pair: Pair) => number): Measured {
  const times: number[] = []
  let script = 0
  const begin = performance.now()
  while (
    times.length < 5 ||
    (performance.now() - begin < (process.argv.includes('--quick') ? 100 : 500) && times.length < 200)
  ) {
    script = 0
    const start = performance.now()
    for (const pair of pairs) script += work(pair)
    times.push(performance.now() - start)
  }
  return { ms: Math.min(...times), script }
}

function gitDiff(pairs: readonly Pair[], folder: string): Measured {
  const rounds = pairs.length > 1 ? 1 : 7
  let total = 0
  let script = 0
  for (const { a, b } of pairs) {
    writeFileSync(join(folder, 'a'), a)
    writeFileSync(join(folder, 'b'), b)
    const times: number[] = []
    for (let n = 0; n < rounds; n++) {
      const start = performance.now()
      const { stdout } = spawnSync('git', ['diff', '--no-index', '--histogram', '--numstat', 'a', 'b'], { cwd: folder })
      times.push(performance.now() - start)
      const [added = 0, removed = 0] = stdout.toString().split('\t').map(Number)
      if (n === 0) script += added + removed
    }
    total += Math.min(...times)
  }
  return { ms: total, script }
}

/** What git takes for two files of one line, which is its start, at this moment. */
function gitStart(folder: string): number {
  const times = Array.from({ length: 9 }, () => gitDiff([{ a: 'a\n', b: 'b\n' }], folder).ms)
  return Math.min(...times)
}

function vscodeMs(pairs: readonly Pair[]): number {
  const computer = new DefaultLinesDiffComputer()
  const options = { ignoreTrimWhitespace: false, computeMoves: false, maxComputationTimeMs: VSCODE_LIMIT_MS }
  const round = () => {
    const start = performance.now()
    for (const { a, b } of pairs) computer.computeDiff(a.split('\n'), b.split('\n'), options)
    return performance.now() - start
  }
  const first = round()
  return first > 1000 ? first : Math.min(first, round(), round())
}

function* cases(): Generator<Case> {
  yield { name: 'real, 300 consecutive pairs', pairs: realPairs(), vscode: true }
  for (const size of [200, 2_000, 20_000, 100_000]) {
    const label = size.toLocaleString('en')
    const a = documentOf(size, 1)
    for (const percent of [1, 10, 50]) {
      const pair = { a: a.join('\n'), b: edited(a, percent / 100, percent).join('\n') }
      yield { name: `${label} · ${percent}%`, pairs: [pair], vscode: size * percent <= 200_000 }
    }
    const moved = [...a]
    moved.splice(Math.floor(size * 0.7), 0, ...moved.splice(Math.floor(size * 0.2), Math.floor(size * 0.15)))
    const b = edited(moved, 0.05, 3).join('\n')
    yield { name: `${label} · 15% moved, 5% edited`, pairs: [{ a: a.join('\n'), b }], vscode: size <= 2_000 }
    const other = { a: a.join('\n'), b: documentOf(size, 2).join('\n') }
    yield { name: `${label} rewritten`, pairs: [other], vscode: size <= 2_000 }
    const strange = { a: a.join('\n'), b: a.map(line => `${line} ~`).join('\n') }
    yield { name: `${label} rewritten, nothing kept`, pairs: [strange], vscode: false }
  }
}

/** Consecutive versions, evenly taken from all real histories. */
function realPairs(): Pair[] {
  const pairs: Pair[] = []
  for (const file of ['claude-plugins', 'agents']) {
    const path = join(HISTORIES, `${file}.jsonl.gz`)
    if (!existsSync(path)) return Array.from({ length: 300 }, (_, n) => generatedPair(n))
    for (const line of gunzipSync(readFileSync(path)).toString().trimEnd().split('\n')) {
      const { versions }: { versions: { content: string }[] } = JSON.parse(line)
      for (let n = 1; n < versions.length; n++)
        pairs.push({ a: versions[n - 1]?.content ?? '', b: versions[n]?.content ?? '' })
    }
  }
  if (process.argv.includes('--all')) return pairs
  return Array.from({ length: 300 }, (_, n) => pairs[Math.floor((n * pairs.length) / 300)] ?? { a: '', b: '' })
}

function generatedPair(seed: number): Pair {
  const a = documentOf(100 + (seed % 400), seed)
  return { a: a.join('\n'), b: edited(a, 0.05, seed).join('\n') }
}

/** A small generator of reproducible numbers in [0, n) (mulberry32). */
function random(seed: number): (n: number) => number {
  let state = seed * 0x9e3779b9
  return n => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / (0x1_0000_0000 / n))
  }
}

const SYLLABLES = 'ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo zu'.split(' ')
const wordOf = (n: number): string => (n < 20 ? '' : wordOf(Math.floor(n / 20))) + (SYLLABLES[n % 20] ?? '')
const COMMON = [
  '## Overview',
  '## Usage',
  '## Examples',
  '```bash',
  '```',
  '}',
  '  return result',
  '---',
  '| --- | --- |',
]

/** Prose and code as skills have it: a fifth of the lines empty, a tenth from a few that come again and again. */
function documentOf(lines: number, seed: number): string[] {
  const next = random(seed)
  return Array.from({ length: lines }, () => {
    const kind = next(100)
    if (kind < 20) return ''
    if (kind < 30) return COMMON[next(COMMON.length)] ?? ''
    const words = Array.from({ length: 4 + next(10) }, () => wordOf(next(8_000)))
    return (kind < 50 ? '- ' : kind < 60 ? '    ' : '') + words.join(' ')
  })
}

/** Each line touched with probability `share`: some words changed (40%), deleted (30%), or one inserted before it (30%). */
function edited(lines: readonly string[], share: number, seed: number): string[] {
  const next = random(seed + 1_000)
  const fresh = documentOf(lines.length, seed + 2_000)
  const result: string[] = []
  lines.forEach((line, n) => {
    const kind = next(10_000) < share * 10_000 ? next(10) : -1
    if (kind >= 0 && kind < 4)
      result.push(line.replace(/\S+(?=\s|$)/g, word => (next(5) === 0 ? wordOf(next(8_000)) : word)))
    else if (kind >= 7) result.push(fresh[n] ?? '', line)
    else if (kind < 0) result.push(line)
  })
  return result
}

if (process.argv[1] === import.meta.filename) await benchDiff(line => console.log(line))

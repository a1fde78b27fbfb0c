import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** One SKILL.md through time, oldest first. `date` is ISO 8601 with its offset; content is the whole file. */
export type SkillHistory = { path: string; versions: { date: string; message: string; content: string }[] }

/** The public histories that lie beside the project on some machines, with what they hold. */
export const KNOWN_HISTORIES = {
  'claude-plugins': { chains: 484, versions: 3562 },
  agents: { chains: 184, versions: 635 },
} as const
export type HistoryName = keyof typeof KNOWN_HISTORIES

const folder = join(import.meta.dirname, '../../../shared/data/skill-histories')

/** Why a test over real histories cannot run here; undefined when it can. For `test.skipIf`, and to be printed. */
export function historiesMissing(name: HistoryName): string | undefined {
  const file = historyFile(name)
  return existsSync(file) ? undefined : `no real histories on this machine (${file})`
}

/** Reads a public history; undefined where the machine does not have it. */
export function readSkillHistories(name: HistoryName): SkillHistory[] | undefined {
  const file = historyFile(name)
  if (!existsSync(file)) return undefined
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n')
  return lines.filter(line => line !== '').map(line => parseHistory(line))
}

const historyFile = (name: HistoryName): string => join(folder, `${name}.jsonl.gz`)

function parseHistory(line: string): SkillHistory {
  const row: SkillHistory = JSON.parse(line)
  if (typeof row.path !== 'string' || !Array.isArray(row.versions)) throw new Error('not a line of skill histories')
  return row
}

/**
 * Chains of our own making, for machines without the public ones: the same seed gives the same chains. Texts grow and
 * change by paragraphs as real ones do; some have CRLF, letters beyond ASCII, or no final newline.
 */
export function generateSkillHistories(options: { chains: number; versions: number; seed?: number }): SkillHistory[] {
  const random = generator(options.seed ?? 1)
  return Array.from({ length: options.chains }, (_, chain) => {
    const name = `${pick(random, WORDS)}-${pick(random, WORDS)}-${chain}`
    const newline = chain % 11 === 10 ? '\r\n' : '\n'
    const paragraphs = Array.from({ length: 6 + Math.floor(random() * 20) }, () => sentence(random))
    let time = Date.UTC(2025, 0, 1) + chain * 61_000
    const versions = Array.from({ length: 1 + Math.floor(random() * (2 * options.versions - 1)) }, (_, number) => {
      if (number > 0) edit(random, paragraphs, number)
      time += 60_000 + Math.floor(random() * 86_400_000)
      const head = ['---', `name: ${name}`, `description: ${sentence(random)} Version ${number}.`, '---', '']
      const content = [...head, ...paragraphs.flatMap(text => [text, ''])].join(newline)
      return { date: new Date(time - (time % 1000)).toISOString(), message: `${name}: ${sentence(random)}`, content }
    })
    return { path: `plugin-${chain % 7}/skills/${name}/SKILL.md`, versions }
  })
}

function edit(random: () => number, paragraphs: string[], number: number): void {
  const at = Math.floor(random() * paragraphs.length)
  if (random() < 0.3) paragraphs.splice(at, 0, sentence(random))
  else paragraphs[at] = `${sentence(random)} (${number})`
}

const WORDS = [
  'skill, check, forms, release, notes, review, agent, read, every, file, before, writing, größer, naïve, 版本, fill',
  'table, never, always, when, the, user, asks, for, summary, of, changes, tests, first, then, commit, plainly',
]
  .join(', ')
  .split(', ')

function sentence(random: () => number): string {
  const words = Array.from({ length: 8 + Math.floor(random() * 12) }, () => pick(random, WORDS))
  return `${words.join(' ')}.`
}

function pick(random: () => number, from: readonly string[]): string {
  return from[Math.floor(random() * from.length)] ?? ''
}

/** mulberry32: small, seeded, good enough for test texts. Gives numbers in [0, 1). */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

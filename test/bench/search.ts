import fs from 'node:fs'
import path from 'node:path'
import { openLibrary } from '../../electron/library/open.ts'
import { indexDocument, searchSkills } from '../../electron/library/search.ts'
import { insertSkill } from '../../electron/library/skills.ts'
import { insertSpace } from '../../electron/library/spaces.ts'
import { resources, temporaryFolder } from '../support/backend.ts'
import { readSkillHistories } from '../support/skill-histories.ts'
import { ms, percentile } from './figures.ts'

const DOCUMENTS = 100_000

/** Search over 100,000 documents, words of every frequency: the whole query, up to 500 ids, best first. */
export async function benchSearch(print: (line: string) => void): Promise<void> {
  const dataDir = temporaryFolder()
  const opened = openLibrary({ dataDir, migrations: path.join(resources.migrations, 'sqlite'), now: Date.now })
  if ('problem' in opened) throw new Error(opened.problem.happened)
  const { library } = opened
  try {
    const words = vocabulary()
    const pick = zipf(words)
    library.write(() => {
      const user = { id: 'u', name: 'U', email: null }
      insertSpace(library, { tenantId: 't', name: 'T', slug: 't', kind: 'personal', user, note: null, now: 1 })
      for (let n = 0; n < DOCUMENTS; n++) {
        const sentence = (length: number) => Array.from({ length }, pick).join(' ')
        const skill = { id: `s${n}`, tenantId: 't', slug: `s${n}`, name: sentence(2), description: sentence(25) }
        insertSkill(library, { ...skill, category: null, tags: [], authorId: 'u', now: n })
        indexDocument(library, { ...skill, skillId: skill.id, tags: '', body: sentence(250) })
      }
    })
    print(`search, ${DOCUMENTS.toLocaleString('en')} documents of 280 words`)
    const kinds: [string, () => string][] = [
      ['the commonest words', () => words[Math.floor(Math.random() * 10)] ?? ''],
      ['any word of a text', pick],
      ['two words', () => `${pick()} ${pick()}`],
      ['as typed: 2 letters', () => pick().slice(0, 2)],
      ['rare words', () => words[words.length - 1 - Math.floor(Math.random() * 500)] ?? ''],
    ]
    const all: number[] = []
    for (const [name, query] of kinds) {
      const times: number[] = []
      for (let n = 0; n < 200; n++) {
        const text = query()
        const start = performance.now()
        searchSkills(library, 't', text)
        times.push(performance.now() - start)
      }
      all.push(...times)
      print(
        `  ${name.padEnd(22)} p50 ${ms(percentile(times, 50)).padStart(8)}   p99 ${ms(percentile(times, 99)).padStart(8)}`,
      )
    }
    print(
      `  ${'all'.padEnd(22)} p50 ${ms(percentile(all, 50)).padStart(8)}   p99 ${ms(percentile(all, 99)).padStart(8)} (goal p99 ≤ 10 ms)`,
    )
  } finally {
    library.close()
    fs.rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Words of real skills, the commonest first; made-up ones where the real skills are not here. */
function vocabulary(): string[] {
  const counts = new Map<string, number>()
  for (const history of readSkillHistories('agents') ?? [])
    for (const word of history.versions
      .at(-1)
      ?.content.toLowerCase()
      .match(/[a-z]{2,}/g) ?? [])
      counts.set(word, (counts.get(word) ?? 0) + 1)
  if (counts.size === 0) return Array.from({ length: 20_000 }, (_, n) => `word${n.toString(36)}`)
  return [...counts].sort((a, b) => b[1] - a[1]).map(([word]) => word)
}

/** Draws words as texts have them: the n-th commonest 1/n as often as the first (Zipf's law). */
function zipf(words: readonly string[]): () => string {
  const sums: number[] = []
  let sum = 0
  for (let n = 1; n <= words.length; n++) {
    sum += 1 / n
    sums.push(sum)
  }
  return () => {
    const at = Math.random() * sum
    let low = 0
    let high = sums.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) < at) low = middle + 1
      else high = middle
    }
    return words[low] ?? ''
  }
}

if (import.meta.filename === process.argv[1]) await benchSearch(console.log)

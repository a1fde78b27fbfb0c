import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkManifest } from '../../shared/domain/bundle.ts'
import { validateSkill } from '../../shared/domain/skill-md.ts'
import { gradeOutput } from './grade.ts'
import { makeMeasured } from './make-results.ts'
import { measuredFile, RESULT_COLUMNS, USAGE_COLUMNS } from './measured.ts'
import { outputsFile, readSample, type SampleRun, type SampleSkill, type SampleVersion } from './schema.ts'

const dir = import.meta.dirname
const sample = readSample(dir)
const people = new Set(sample.people.map(person => person.key))
const each = sample.skills.map(skill => [skill.slug, skill] as const)
const textOf = (version: SampleVersion) =>
  new TextDecoder().decode(version.files.find(file => file.path === 'SKILL.md')?.bytes)
const get = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('missing')
  return value
}
const skillNamed = (slug: string) => get(sample.skills.find(skill => skill.slug === slug))
const versionOf = (skill: SampleSkill, number: number) => get(skill.versions.find(one => one.version === number))

/** The newest version on purpose invalid, so that the checks have something to show. */
const INVALID = 'api-docs'

describe.each(each)('%s', (slug, skill) => {
  const numbers = skill.versions.map(version => version.version)

  it('numbers its versions from 1, parents before children and in the order of days', () => {
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    for (const version of skill.versions) {
      for (const parent of [version.parent, version.merged ?? null]) {
        if (parent === null) continue
        expect(parent).toBeLessThan(version.version)
        expect(versionOf(skill, parent).daysAgo).toBeGreaterThan(version.daysAgo)
      }
      expect(version.parent === null).toBe(version.version === 1)
    }
    if (skill.publishedVersion !== null) expect(numbers).toContain(skill.publishedVersion)
    expect(skill.publishedVersion === null).toBe(skill.status === 'draft')
  })

  it('has a bundle for each version that can be stored and is named like its folder', () => {
    for (const version of skill.versions) {
      const manifest = version.files.map(({ path, bytes, executable }) => ({
        path,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        size: bytes.length,
        executable,
      }))
      expect(checkManifest(manifest)).toEqual([])
      expect(textOf(version)).toContain(`\nname: ${slug}\n`)
      expect(textOf(version)).not.toContain('\r')
      for (const file of version.files)
        if (file.path.startsWith('scripts/')) expect([file.path, file.executable]).toEqual([file.path, true])
    }
  })

  it(`${slug === INVALID ? 'fails' : 'passes'} the strict profile with its newest version`, () => {
    for (const version of skill.versions) {
      const input = { text: textOf(version), folderName: slug, paths: version.files.map(file => file.path) }
      const errors = validateSkill(input, 'strict').filter(check => check.severity === 'error')
      if (slug === INVALID && version === skill.versions.at(-1)) expect(errors.length).toBeGreaterThanOrEqual(2)
      else expect([version.version, errors]).toEqual([version.version, []])
    }
  })

  it('names only people, versions and feedback that exist, never before the version they speak of', () => {
    const keys = skill.feedback.map(feedback => feedback.key)
    expect(new Set(keys).size).toBe(keys.length)
    const users = [
      skill.authorKey,
      ...skill.versions.map(version => version.authorKey),
      ...[...skill.ratings, ...skill.feedback, ...skill.usage].map(row => row.userKey),
      ...skill.feedback.flatMap(feedback => feedback.reviewedBy ?? []),
      ...skill.runs.map(run => run.triggeredBy),
    ]
    for (const user of users) expect(people).toContain(user)
    for (const row of [...skill.ratings, ...skill.feedback, ...skill.usage])
      expect(row.daysAgo).toBeLessThanOrEqual(versionOf(skill, row.version).daysAgo)
    for (const run of skill.runs)
      if (run.version !== 'baseline') expect(run.daysAgo).toBeLessThanOrEqual(versionOf(skill, run.version).daysAgo)
    for (const one of skill.cases) if (one.sourceFeedback) expect(keys).toContain(one.sourceFeedback)
    if (skill.forkedFrom) versionOf(skillNamed(skill.forkedFrom.slug), skill.forkedFrom.version)
  })

  it('has one rating for each user and version, and feedback in legal states', () => {
    const raters = skill.ratings.map(rating => `${rating.version}/${rating.userKey}`)
    expect(new Set(raters).size).toBe(raters.length)
    for (const one of skill.feedback) {
      expect([one.key, one.reviewedBy !== undefined]).toEqual([one.key, one.status !== 'pending'])
      expect([one.key, one.implementedByVersion !== undefined]).toEqual([one.key, one.status === 'implemented'])
      if (one.implementedByVersion !== undefined)
        expect(versionOf(skill, one.implementedByVersion).daysAgo).toBeLessThanOrEqual(one.daysAgo)
    }
    // A case comes from feedback that somebody accepted.
    const sources = skill.feedback.filter(one => skill.cases.some(({ sourceFeedback }) => sourceFeedback === one.key))
    for (const source of sources) expect(['accepted', 'implemented']).toContain(source.status)
  })

  it('has runs whose cases, models, judge and prices exist, every case as often as the run says', () => {
    for (const run of skill.runs) {
      const judge = get(sample.judges.find(one => one.key === run.judge))
      expect(run.judgePromptHash).toBe(createHash('sha256').update(judge.prompt).digest('hex'))
      expect(run.models).not.toContain(judge.modelName)
      get(sample.priceTables.find(table => table.date === run.priceTableDate))
      const cases = get(skill.caseSets[run.caseSet])
      for (const key of cases) get(skill.cases.find(one => one.key === key))
      const found = run.results.map(row => `${row.caseKey}/${row.modelName}/${row.repeat}`)
      const wanted = cases.flatMap(key =>
        run.models.flatMap(model => Array.from({ length: run.repeats }, (_, n) => `${key}/${model}/${n + 1}`)),
      )
      expect(found).toEqual(run.status === 'completed' ? wanted : [])
      for (const row of run.results) {
        if (row.qualityScore === null) expect(row.errorMessage).not.toBeNull()
        else expect(row.qualityScore).toBeGreaterThan(0)
      }
    }
  })

  it('costs tokens times price where there is a price, and null where there is none', () => {
    const newest = get(sample.priceTables.at(-1)).date
    const rows = [
      ...skill.usage.map(row => ({ ...row, date: newest })),
      ...skill.runs.flatMap(run => run.results.map(row => ({ ...row, date: run.priceTableDate }))),
    ]
    for (const row of rows) {
      const table = get(sample.priceTables.find(({ date }) => date === row.date))
      const price = row.modelName === null ? undefined : table.microcentsPerToken[row.modelName]
      if (!price || row.inputTokens === null || row.outputTokens === null) {
        expect(row.costMicrocents).toBeNull()
        continue
      }
      const cached = (row.cacheReadTokens ?? 0) * price.cacheRead + (row.cacheWriteTokens ?? 0) * price.cacheWrite
      expect(row.costMicrocents).toBe(row.inputTokens * price.input + row.outputTokens * price.output + cached)
    }
  })

  it('has outputs that its assertions tell apart: the best passes, the worst does not', () => {
    if (skill.cases.length === 0) return
    const outputs = outputsFile.parse(JSON.parse(readFileSync(join(dir, 'skills', slug, 'outputs.json'), 'utf8')))
    expect(Object.keys(outputs)).toEqual(skill.cases.map(one => one.key))
    for (const one of skill.cases) {
      const passed = get(outputs[one.key]).map(({ text }) => gradeOutput(one.assertions, text).every(row => row.passed))
      expect([one.key, passed[0], passed[2]]).toEqual([one.key, true, false])
    }
  })
})

it('is what its plan makes: run `node electron/sample/make-results.ts` after a change', () => {
  for (const { path, text } of makeMeasured(dir)) {
    const committed = readFileSync(path, 'utf8')
    expect(committed === text, `${path} differs from its regeneration`).toBe(true)
    const { usageColumns, resultColumns } = measuredFile.parse(JSON.parse(committed))
    expect([usageColumns, resultColumns]).toEqual([USAGE_COLUMNS, RESULT_COLUMNS])
  }
})

it('says that it is invented, and stays small', () => {
  expect(sample.note).toMatch(/sample.*invented/)
  const bytes = sample.skills.flatMap(skill =>
    skill.versions.flatMap(version => version.files.map(f => f.bytes.length)),
  )
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(400_000)
})

/** Mean of a run's scores by case; a score that is missing is left out, not counted as 0. */
function byCase(run: SampleRun): Map<string, number> {
  const scores = Map.groupBy(
    run.results.filter(row => row.qualityScore !== null),
    row => row.caseKey,
  )
  return new Map([...scores].map(([key, rows]) => [key, mean(rows.map(row => row.qualityScore ?? 0))]))
}
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Paired over cases, a 95% interval by Student's t (2.2: 10 to 14 cases). */
function verdict(slug: string, from: number, to: number): 'better' | 'worse' | 'cannot tell' {
  const { runs } = skillNamed(slug)
  const [a, b] = [from, to].map(number => byCase(get(runs.find(run => run.version === number))))
  const deltas = [...get(a)].flatMap(([key, score]) => (b?.has(key) ? [get(b.get(key)) - score] : []))
  const centre = mean(deltas)
  const spread = Math.sqrt(deltas.reduce((sum, d) => sum + (d - centre) ** 2, 0) / (deltas.length - 1))
  const half = (2.2 * spread) / Math.sqrt(deltas.length)
  return centre - half > 0 ? 'better' : centre + half < 0 ? 'worse' : 'cannot tell'
}

it.each([
  ['release-notes', 2, 4, 'better'],
  ['release-notes', 4, 5, 'worse'],
  ['release-notes', 4, 6, 'cannot tell'],
  ['release-notes', 6, 7, 'cannot tell'],
  ['pdf-forms', 3, 4, 'cannot tell'],
  ['pdf-forms', 4, 6, 'better'],
  ['commit-messages', 2, 3, 'worse'],
  ['commit-messages', 3, 4, 'better'],
  ['commit-messages', 4, 5, 'cannot tell'],
  ['csv-cleaning', 3, 4, 'cannot tell'],
  ['csv-cleaning', 4, 5, 'worse'],
  ['sql-review', 2, 3, 'cannot tell'],
  ['sql-review', 3, 5, 'better'],
] as const)('tells its story: %s %i → %i is %s', (slug, from, to, expected) => {
  expect(verdict(slug, from, to)).toBe(expected)
})

it('has a version that is cheaper at equal quality', () => {
  const cost = (number: number) =>
    mean(
      get(skillNamed('pdf-forms').runs.find(run => run.version === number)).results.flatMap(
        row => row.costMicrocents ?? [],
      ),
    )
  expect(cost(4)).toBeLessThan(0.9 * cost(3))
})

it('has one of each that the screens must show', () => {
  const results = sample.skills.flatMap(skill => skill.runs.flatMap(run => run.results))
  expect(results.some(row => row.outputProduced !== null && row.qualityScore === null)).toBe(true)
  expect(results.some(row => row.outputProduced === null)).toBe(true)
  expect(results.some(row => row.inputTokens !== null && row.costMicrocents === null)).toBe(true)
  expect(sample.skills.some(skill => skill.runs.length === 0)).toBe(true)
  expect(sample.skills.some(skill => skill.versions.some(version => version.merged !== undefined))).toBe(true)
  expect(sample.skills.some(skill => skill.forkedFrom !== undefined)).toBe(true)
  const flaky = skillNamed('release-notes').runs.flatMap(run =>
    run.results.flatMap(row => (row.caseKey === 'many-fixes' ? (row.qualityScore ?? []) : [])),
  )
  expect(Math.max(...flaky) - Math.min(...flaky)).toBeGreaterThan(30)
})

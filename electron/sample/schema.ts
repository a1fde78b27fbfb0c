/**
 * The sample library's data: `sample.json` (people, models, prices, judges), and for each skill a folder with
 * `skill.json` (versions, ratings, feedback, benchmark cases), `outputs.json` (what models answered, three texts a case,
 * best first), `measured.json` (use and benchmark runs, written by make-results.ts) and one folder of files a version.
 *
 * Dates are `daysAgo`, relative to the day the sample is opened, so that it never looks old. Money is microcents
 * (1 microcent = $0.00000001). `inputTokens` leaves out what was read from or written to a cache, so total = the sum of all
 * four. Unknown is null, never 0.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { type AssertionResult, gradeOutput } from './grade.ts'
import { measuredFile } from './measured.ts'

const key = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
const number = z.int().min(1)
const daysAgo = z.number().min(0)

const prices = z.object({ input: z.int(), output: z.int(), cacheRead: z.int(), cacheWrite: z.int() })
export type Prices = z.infer<typeof prices>

export const sampleFile = z.object({
  /** One sentence for the screen: that all of this is invented. */
  note: z.string().min(1),
  people: z.array(
    z.object({ key, name: z.string(), email: z.email(), role: z.enum(['reader', 'author', 'admin']) }).strict(),
  ),
  models: z.array(z.object({ modelName: z.string(), modelProvider: z.string() }).strict()),
  /** A model that is missing from a table has no price: its cost is null. */
  priceTables: z.array(z.object({ date: z.iso.date(), microcentsPerToken: z.record(z.string(), prices) }).strict()),
  judges: z.array(z.object({ key, modelName: z.string(), modelProvider: z.string(), prompt: z.string() }).strict()),
  /** Slugs: the folders below `skills/`. */
  skills: z.array(key),
})
export type SampleFile = z.infer<typeof sampleFile>

const assertion = z.discriminatedUnion('type', [
  z.object({ type: z.literal('contains'), value: z.string() }).strict(),
  z.object({ type: z.literal('not-contains'), value: z.string() }).strict(),
  /** A regular expression; a leading `(?i)` ignores case. */
  z.object({ type: z.literal('matches'), value: z.string() }).strict(),
  z.object({ type: z.literal('max-words'), value: z.int() }).strict(),
])
export type Assertion = z.infer<typeof assertion>

const version = z
  .object({
    version: number,
    folder: z.string(),
    authorKey: key,
    daysAgo,
    parent: number.nullable(),
    /** Second parent of a merge. */
    merged: number.optional(),
    message: z.string().min(1),
  })
  .strict()

const rating = z
  .object({
    version: number,
    userKey: key,
    rating: z.int().min(1).max(5),
    hoursSaved: z.number().min(0).max(1000).nullable(),
    comment: z.string().max(2000).nullable(),
    daysAgo,
  })
  .strict()

const feedback = z
  .object({
    key,
    version: number,
    userKey: key,
    type: z.enum(['thumbs_up', 'thumbs_down', 'suggestion', 'training_example', 'bug_report']),
    sentiment: z.int().min(-1).max(1),
    comment: z.string().nullable(),
    severity: z.enum(['low', 'medium', 'high']).optional(),
    qualityScore: z.int().min(1).max(10).optional(),
    suggestedContent: z.string().optional(),
    exampleInput: z.string().optional(),
    exampleOutput: z.string().optional(),
    expectedOutput: z.string().optional(),
    status: z.enum(['pending', 'accepted', 'implemented', 'dismissed']),
    reviewedBy: key.optional(),
    reviewNotes: z.string().optional(),
    implementedByVersion: number.optional(),
    source: z.enum(['app', 'mcp', 'import']),
    daysAgo,
  })
  .strict()

const benchmarkCase = z
  .object({
    key,
    name: z.string(),
    prompt: z.string(),
    expectedOutput: z.string(),
    assertions: z.array(assertion),
    weight: z.number().positive().default(1),
    /** Key of the feedback this case was made from. */
    sourceFeedback: key.optional(),
  })
  .strict()
export type SampleCase = z.infer<typeof benchmarkCase>

export const skillFile = z
  .object({
    category: z.string(),
    tags: z.array(z.string()),
    status: z.enum(['draft', 'published', 'archived']),
    visibility: z.enum(['tenant', 'personal']),
    authorKey: key,
    publishedVersion: number.nullable(),
    forkedFrom: z.object({ slug: key, version: number }).strict().optional(),
    versions: z.array(version).min(1),
    ratings: z.array(rating),
    feedback: z.array(feedback),
    cases: z.array(benchmarkCase),
    /** Which cases a run had, by the set's name: runs over different sets are not compared. */
    caseSets: z.record(z.string(), z.array(key)),
  })
  .strict()

/** For each case three answers, best first, each with the judge's remark. */
export const outputsFile = z.record(key, z.array(z.object({ text: z.string(), notes: z.string() }).strict()).length(3))

/** One file of a version. `executable` is told by its first two bytes, `#!`, since a packaged app keeps no file modes. */
export type SampleBundleFile = { path: string; bytes: Uint8Array; executable: boolean }
type SkillFile = z.infer<typeof skillFile>
type Run = z.infer<typeof measuredFile>['runs'][number]
type Use = z.infer<typeof measuredFile>['usage'][number]

/** A result as the schema's benchmark_results wants it: texts and provider looked up, assertions checked. */
export type SampleResult = Omit<Run['results'][number], 'output'> & {
  modelProvider: string
  inputUsed: string
  outputProduced: string | null
  expectedOutput: string
  qualityNotes: string | null
  totalTokens: number | null
  /** Whether every assertion holds; null without an output. */
  matchesExpected: boolean | null
  assertionResults: AssertionResult[] | null
}
export type SampleVersion = SkillFile['versions'][number] & { files: SampleBundleFile[] }
export type SampleRun = Omit<Run, 'results'> & { results: SampleResult[] }
export type SampleUse = Use & { modelProvider: string | null; totalTokens: number | null }
export type SampleSkill = Omit<SkillFile, 'versions'> & {
  slug: string
  /** Parents before children. */
  versions: SampleVersion[]
  usage: SampleUse[]
  runs: SampleRun[]
}
export type Sample = Omit<SampleFile, 'skills'> & { skills: SampleSkill[] }

/**
 * The whole sample below `dir` (this folder), a few hundred kilobytes. It ships with the app, so anything wrong in it is a
 * bug and throws.
 */
export function readSample(dir: string): Sample {
  const head = sampleFile.parse(readJson(join(dir, 'sample.json')))
  return { ...head, skills: head.skills.map(slug => readSkill(join(dir, 'skills', slug), slug, head)) }
}

function readSkill(folder: string, slug: string, head: SampleFile): SampleSkill {
  const skill = skillFile.parse(readJson(join(folder, 'skill.json')))
  const { usage, runs } = measuredFile.parse(readJson(join(folder, 'measured.json')))
  const outputs = skill.cases.length > 0 ? outputsFile.parse(readJson(join(folder, 'outputs.json'))) : {}
  return {
    ...skill,
    slug,
    versions: skill.versions.map(version => ({ ...version, files: readFiles(join(folder, version.folder)) })),
    usage: usage.map(use => ({
      ...use,
      modelProvider: use.modelName === null ? null : providerOf(head, use.modelName),
      totalTokens: totalOf(use),
    })),
    runs: runs.map(run => ({
      ...run,
      results: run.results.map(({ output, ...result }) => {
        const its = get(
          skill.cases.find(({ key }) => key === result.caseKey),
          `case ${result.caseKey} of ${slug}`,
        )
        const answer = output === null ? undefined : get(outputs[its.key]?.[output], `an output of ${its.key}`)
        const checked = answer ? gradeOutput(its.assertions, answer.text) : null
        return {
          ...result,
          modelProvider: providerOf(head, result.modelName),
          inputUsed: its.prompt,
          outputProduced: answer?.text ?? null,
          expectedOutput: its.expectedOutput,
          qualityNotes: result.qualityScore === null ? null : (answer?.notes ?? null),
          totalTokens: totalOf(result),
          matchesExpected: checked ? checked.every(({ passed }) => passed) : null,
          assertionResults: checked,
        }
      }),
    })),
  }
}

/** All files below a version's folder, sorted by path; paths use `/`. */
export function readFiles(folder: string): SampleBundleFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => {
      const full = join(entry.parentPath, entry.name)
      const bytes = readFileSync(full)
      const path = relative(folder, full).replaceAll('\\', '/')
      return { path, bytes, executable: bytes[0] === 0x23 && bytes[1] === 0x21 }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

function get<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`The sample has no ${what}.`)
  return value
}

const providerOf = (head: SampleFile, modelName: string): string =>
  get(
    head.models.find(model => model.modelName === modelName),
    `model ${modelName}`,
  ).modelProvider

const totalOf = (row: Pick<Use, 'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWriteTokens'>) =>
  row.inputTokens === null || row.outputTokens === null || row.cacheReadTokens === null || row.cacheWriteTokens === null
    ? null
    : row.inputTokens + row.outputTokens + row.cacheReadTokens + row.cacheWriteTokens

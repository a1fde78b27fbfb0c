/**
 * Writes each skill's `measured.json` from plan.ts: `node electron/sample/make-results.ts`. Seeded, without clock or chance,
 * so that the same plan and the same skills always give the same bytes (a test compares). Lengths of prompts are those of the
 * version's own files, so a version that loads less also costs less here.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RESULT_COLUMNS, USAGE_COLUMNS } from './measured.ts'
import { DEFAULTS, PLANS, type RunPlan, type SkillPlan } from './plan.ts'
import { readFiles, type SampleFile, sampleFile, skillFile } from './schema.ts'
import { bell, between, chance, pick } from './seeded.ts'

type Cell = string | number | null
type Skill = ReturnType<typeof skillFile.parse>
/** Estimated tokens of what a version loads. */
type Load = { body: number; references: number[] }
type Context = { dir: string; slug: string; head: SampleFile; skill: Skill; plan: SkillPlan }

/** What measured.json should hold for each skill of the sample below `dir`. */
export function makeMeasured(dir: string): { path: string; text: string }[] {
  const head = sampleFile.parse(JSON.parse(readFileSync(join(dir, 'sample.json'), 'utf8')))
  return head.skills.map(slug => {
    const plan = PLANS[slug]
    if (!plan) throw new Error(`plan.ts has no plan for ${slug}.`)
    const skill = skillFile.parse(JSON.parse(readFileSync(join(dir, 'skills', slug, 'skill.json'), 'utf8')))
    const context = { dir, slug, head, skill, plan }
    return { path: join(dir, 'skills', slug, 'measured.json'), text: textOf(context) }
  })
}

function textOf(context: Context): string {
  const runs = context.plan.runs.map((run, index) => {
    const { results, ...facts } = makeRun(context, run, index)
    const members = Object.entries(facts).map(
      ([name, value]) => `      ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`,
    )
    return `    {\n${members.join('')}      "results": ${lines(results, '        ', '      ')}\n    }`
  })
  return `{
  "usageColumns": ${JSON.stringify(USAGE_COLUMNS)},
  "usage": ${lines(makeUsage(context), '    ', '  ')},
  "resultColumns": ${JSON.stringify(RESULT_COLUMNS)},
  "runs": [${runs.length > 0 ? `\n${runs.join(',\n')}\n  ` : ''}]
}
`
}

const lines = (rows: Cell[][], indent: string, end: string): string =>
  rows.length === 0 ? '[]' : `[\n${rows.map(row => indent + JSON.stringify(row)).join(',\n')}\n${end}]`

function makeRun(context: Context, plan: RunPlan, index: number) {
  const run = { ...DEFAULTS, length: 1, ...plan }
  const judge = context.head.judges.find(one => one.key === run.judge)
  if (!judge) throw new Error(`sample.json has no judge ${run.judge}.`)
  const caseKeys = run.status === 'completed' ? (context.skill.caseSets[run.caseSet] ?? []) : []
  return {
    key: `${context.slug}-${index + 1}`,
    version: run.version,
    caseSet: run.caseSet,
    judge: run.judge,
    judgePromptHash: createHash('sha256').update(judge.prompt).digest('hex'),
    priceTableDate: run.priceTableDate,
    repeats: run.repeats,
    models: run.models,
    status: run.status,
    triggeredBy: run.triggeredBy,
    daysAgo: run.daysAgo,
    results: caseKeys.flatMap(caseKey =>
      run.models.flatMap(modelName =>
        Array.from({ length: run.repeats }, (_, n) =>
          makeResult(context, run, index, { caseKey, modelName, repeat: n + 1 }),
        ),
      ),
    ),
  }
}

type Trial = { caseKey: string; modelName: string; repeat: number }

function makeResult(
  context: Context,
  run: RunPlan & { length: number; priceTableDate: string },
  index: number,
  trial: Trial,
): Cell[] {
  const { caseKey, modelName, repeat } = trial
  const place = `${caseKey}/${modelName}/${repeat}`
  const seed = `${context.slug}/${index}/${place}`
  if (run.unanswered?.includes(place))
    return [
      caseKey,
      modelName,
      repeat,
      null,
      null,
      null,
      null,
      null,
      null,
      null,
      null,
      'The provider answered 529: overloaded.',
    ]
  const quality = qualityOf(context, run, trial, seed)
  // What the judge would have said decides the text, also where its answer could not be read.
  const output = quality >= 78 ? 0 : quality >= 56 ? 1 : 2
  const unjudged = run.unjudged?.includes(place) ?? false
  const load = run.version === 'baseline' ? { body: 0, references: [] } : loadOf(context, run.version)
  const spent = spend(load, modelName, seed, run.length)
  return [
    caseKey,
    modelName,
    repeat,
    output,
    ...spent.tokens,
    costOf(context.head, run.priceTableDate, modelName, spent.tokens),
    spent.latencyMs,
    unjudged ? null : quality,
    unjudged ? 'The judge gave no score that could be read.' : null,
  ]
}

/** The run's mean, moved by how hard the case is, how this content suits it, the model, and chance. */
function qualityOf(context: Context, run: RunPlan, trial: Trial, seed: string): number {
  const { slug, plan } = context
  const hardness = 9 * bell(`${slug}/${trial.caseKey}`)
  const fit = 4 * bell(`${slug}/${run.likeVersion ?? run.version}/${trial.caseKey}/fit`)
  const model = trial.modelName === 'northwind-large' ? 4 : trial.modelName === 'northwind-small' ? -4 : -7
  const scatter = (plan.flaky?.includes(trial.caseKey) ? 20 : 4) * bell(`${seed}/chance`)
  return Math.round(Math.min(99, Math.max(5, run.quality + hardness + fit + model + scatter)))
}

function makeUsage(context: Context): Cell[][] {
  const { head, skill, plan, slug } = context
  const newestPrices = head.priceTables.at(-1)?.date ?? ''
  const rows = skill.versions.flatMap(version => {
    const load = loadOf(context, version.version)
    const until = skill.publishedVersion === version.version ? 0 : nextDay(skill, version.version)
    return Array.from({ length: plan.uses[version.version] ?? 0 }, (_, n): Cell[] => {
      const seed = `${slug}/use/${version.version}/${n}`
      const day = Math.round(between(`${seed}/day`, until, version.daysAgo) * 100) / 100
      const user = pick(`${seed}/user`, head.people).key
      const use = [version.version, user, pick(`${seed}/tool`, ['app', 'mcp', 'mcp', 'cli'] as const), day]
      if (chance(`${seed}/measured`, 0.15)) return [...use, null, null, null, null, null, null, null]
      const modelName = pick(`${seed}/model`, [
        'northwind-large',
        'northwind-large',
        'northwind-small',
        'kestrel-8b',
      ] as const)
      const spent = spend(load, modelName, seed, 1.2)
      return [...use, modelName, ...spent.tokens, costOf(head, newestPrices, modelName, spent.tokens), spent.latencyMs]
    })
  })
  return rows.sort((a, b) => Number(b[3]) - Number(a[3]))
}

/** The day the next version came: uses of this one end there. */
const nextDay = (skill: Skill, version: number): number =>
  Math.max(0, ...skill.versions.filter(({ version: other }) => other > version).map(({ daysAgo }) => daysAgo))

/** Four characters make about one token of English. */
function loadOf({ dir, slug, skill }: Context, number: number): Load {
  const folder = skill.versions.find(({ version }) => version === number)?.folder
  if (folder === undefined) throw new Error(`${slug} has no version ${number}.`)
  const files = readFiles(join(dir, 'skills', slug, folder))
  const tokens = (bytes: Uint8Array) => Math.ceil(new TextDecoder().decode(bytes).length / 4)
  return {
    body: files.filter(({ path }) => path === 'SKILL.md').reduce((sum, { bytes }) => sum + tokens(bytes), 0),
    references: files.filter(({ path }) => path.startsWith('references/')).map(({ bytes }) => tokens(bytes)),
  }
}

type Tokens = [input: number, output: number, cacheRead: number, cacheWrite: number]

/**
 * What one use takes: the skill's body is written to the cache in the first turn and read from it in the others; a reference
 * is read in a third of the uses. The local model has no cache and reads the body each turn.
 */
function spend(load: Load, modelName: string, seed: string, length: number): { tokens: Tokens; latencyMs: number } {
  const turns = 2 + Math.floor(between(`${seed}/turns`, 0, 3))
  const asked = turns * Math.round(between(`${seed}/asked`, 260, 420))
  const read = load.references.reduce((sum, size, n) => sum + (chance(`${seed}/read/${n}`, 0.33) ? size : 0), 0)
  const output = Math.round(length * between(`${seed}/output`, 180, 420))
  const cached = modelName !== 'kestrel-8b'
  const speed = modelName === 'northwind-large' ? 14 : modelName === 'northwind-small' ? 6 : 31
  return {
    tokens: [
      asked + read + (cached ? 0 : load.body * turns),
      output,
      cached ? load.body * (turns - 1) : 0,
      cached ? load.body : 0,
    ],
    latencyMs: Math.round(500 + output * speed + turns * 200 * (1 + between(`${seed}/wait`, 0, 1))),
  }
}

/** Microcents; null where the table has no price for the model. */
function costOf(
  head: SampleFile,
  date: string,
  modelName: string,
  [input, output, read, written]: Tokens,
): number | null {
  const price = head.priceTables.find(table => table.date === date)?.microcentsPerToken[modelName]
  if (!price) return null
  return input * price.input + output * price.output + read * price.cacheRead + written * price.cacheWrite
}

if (import.meta.main) for (const { path, text } of makeMeasured(import.meta.dirname)) writeFileSync(path, text)

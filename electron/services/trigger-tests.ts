import type { Rivals, TriggerCase, TriggerScore } from '../../shared/contract/trigger-tests.ts'
import { parseSkillMd } from '../../shared/domain/skill-md.ts'
import { type Rate, wilson } from '../../shared/domain/stats/wilson.ts'
import { countTokens } from '../../shared/domain/tokens.ts'
import type { BenchmarkControl } from '../benchmark/control.ts'
import { findReply } from '../library/model-replies.ts'
import { findProvider } from '../library/providers.ts'
import type { TriggerResultRecord } from '../library/schema-benchmark.ts'
import {
  insertTriggerResult,
  listDescribed,
  listTriggerCases,
  listTriggerResults,
  replaceTriggerCases,
  type TriggerCaseRecord,
} from '../library/trigger-results.ts'
import { listVersions } from '../library/versions.ts'
import { repliesOf } from './benchmark-records.ts'
import { getContent, getSkillMd } from './content.ts'
import { announce, type Context, os } from './context.ts'
import { GroupCommit } from './group-commit.ts'
import { keyOf, plannedModelOf } from './providers.ts'

export const triggerTestsService = (context: Context, control: BenchmarkControl) => {
  const { library, newId, clock } = context
  /** What both a plan and a run rest on; refused where nothing could be asked. */
  const prepare = async (input: Asked, errors: Errors) => {
    const content = getContent(context, input.of, errors)
    const parsed = parseSkillMd(getSkillMd(context, content, errors))
    const self = { name: parsed.name?.trim() || content.skill.slug, description: parsed.description?.trim() ?? '' }
    const cases = listTriggerCases(library, content.skill.id)
    const provider = findProvider(library, input.model.providerId)
    const impossible = (reason: string) => errors.PLAN_IMPOSSIBLE({ data: { reasons: [reason] } })
    if (!provider) throw impossible('That provider is no longer here.')
    if (cases.length === 0)
      throw impossible('There is no prompt to ask. Write some that should choose the skill, and some that should not.')
    const engine = await control.engine()
    const others = engine.trigger.byLikeness(
      self,
      listDescribed(library, content.skill.tenant_id).filter(
        one => one.id !== content.skill.id && one.name !== self.name,
      ),
    )
    const planned = plannedModelOf(context, engine, provider, input.model.model)
    return { engine, content, self, others, chosen: chosenOf(others, input.rivals), cases, provider, planned }
  }
  return {
    cases: os.triggerTests.cases.handler(({ input }) => listTriggerCases(library, input.skillId).map(toCase)),

    saveCases: os.triggerTests.saveCases.handler(({ input }) => {
      const rows = input.cases.map((one, place) => ({
        id: one.id ?? newId(),
        skill_id: input.skillId,
        prompt: one.prompt,
        should: one.should ? 1 : 0,
        place,
      }))
      library.write(() => replaceTriggerCases(library, input.skillId, rows))
      announce(context, ['benchmarks'], [input.skillId])
      return rows.map(toCase)
    }),

    plan: os.triggerTests.plan.handler(async ({ input, errors }) => {
      const { engine, self, chosen, others, cases, planned } = await prepare(input, errors)
      const address = { kind: planned.providerKind, baseUrl: planned.baseUrl, model: planned.model }
      // Only the prompt tells one question from another.
      const base = engine.trigger.tokensOf(engine.trigger.triggerQuestion([self, ...chosen], ''))
      const line = { requests: 0, input: 0, output: 0, most: 0 }
      let known = 0
      for (const one of cases) {
        const question = engine.trigger.triggerQuestion([self, ...chosen], one.prompt)
        for (let repeat = 1; repeat <= input.repeats; repeat++) {
          if (findReply(library, engine.replyKey(address, question, repeat))) known += 1
          else {
            line.requests += 1
            line.input += base + countTokens(one.prompt)
            line.output += engine.assumed.callTokens
          }
        }
      }
      return {
        questions: cases.length * input.repeats,
        known,
        rivals: chosen.map(({ id, name }) => ({ id, name })),
        others: others.length,
        tokens: { input: line.input, output: line.output, perQuestion: base },
        expectedMicrocents: engine.expectedOf(line, planned.price),
        priceTable: engine.pricesDate,
      }
    }),

    run: os.triggerTests.run.handler(async function* ({ input, errors, signal }) {
      const stop = signal ?? new AbortController().signal
      const { engine, content, self, chosen: others, cases, provider, planned } = await prepare(input, errors)
      const key = await keyOf(context, control, provider)
      if (key.kind === 'refused') throw errors.PLAN_IMPOSSIBLE({ data: { reasons: [key.reason] } })
      const target = await engine.target(planned, key.value, {
        concurrency: provider.concurrency,
        requestsPerMinute: provider.requests_per_minute,
        tokensPerMinute: provider.tokens_per_minute,
      })
      const budget = { ceiling: input.budgetMicrocents, spent: 0 }
      const ask = engine.asker(
        repliesOf(context, engine, new GroupCommit(library, target.lane.concurrency), undefined, () => {}),
        budget,
        stop,
      )
      const common = {
        skill_id: content.skill.id,
        run: newId(),
        description_hash: engine.trigger.descriptionHash(self),
        description: self.description,
        among_hash: engine.trigger.amongHash(others),
        model: input.model.model,
      }
      const asked = async (one: TriggerCaseRecord, repeat: number): Promise<'told' | 'stopped'> => {
        const question = engine.trigger.triggerQuestion([self, ...others], one.prompt)
        const answer = await ask(target, question, repeat)
        if (answer.kind === 'stopped') return 'stopped'
        const said =
          answer.kind === 'failed'
            ? { chosen: null, error: answer.failure.words }
            : { chosen: engine.trigger.chosenIn(answer.reply), error: null }
        const of = { prompt: one.prompt, should: one.should, repeat }
        insertTriggerResult(library, { id: newId(), ...common, ...of, ...said, created_at: clock() })
        // Every other prompt would meet the same.
        return answer.kind === 'failed' && answer.failure.stops ? 'stopped' : 'told'
      }
      const tasks = Array.from({ length: input.repeats }, (_, at) => cases.map(one => ({ one, repeat: at + 1 }))).flat()
      for (let at = 0; at < tasks.length && !stop.aborted; at += provider.concurrency) {
        const group = tasks.slice(at, at + provider.concurrency)
        const told = await Promise.all(group.map(task => asked(task.one, task.repeat)))
        yield { done: Math.min(at + group.length, tasks.length), total: tasks.length }
        if (told.includes('stopped')) break
      }
      announce(context, ['benchmarks'], [content.skill.id])
      const rows = listTriggerResults(library, content.skill.id).filter(row => row.run === common.run)
      return scoreOf(context, content.skill.id, self.name, rows, common)
    }),

    scores: os.triggerTests.scores.handler(({ input }) => {
      const groups = new Map<string, TriggerResultRecord[]>()
      for (const row of listTriggerResults(library, input.skillId)) {
        const key = JSON.stringify([row.description_hash, row.among_hash, row.model])
        groups.set(key, [...(groups.get(key) ?? []), row])
      }
      return [...groups.values()].flatMap(rows => {
        const first = rows[0]
        return first ? [scoreOf(context, input.skillId, undefined, rows, first)] : []
      })
    }),
  }
}

type Asked = Parameters<Parameters<typeof os.triggerTests.plan.handler>[0]>[0]['input']
type Errors = Parameters<Parameters<typeof os.triggerTests.plan.handler>[0]>[0]['errors']

function chosenOf<Other extends { id: string }>(others: readonly Other[], rivals: Rivals): Other[] {
  if (rivals.kind === 'alike') return others.slice(0, rivals.count)
  return rivals.kind === 'all' ? [...others] : others.filter(one => rivals.ids.includes(one.id))
}

const toCase = (row: TriggerCaseRecord): TriggerCase => ({ id: row.id, prompt: row.prompt, should: row.should === 1 })

type Of = Pick<TriggerResultRecord, 'description_hash' | 'description' | 'model'>

/** `name`: what the skill was called; left out, the name of the versions of that wording. */
function scoreOf(
  context: Context,
  skillId: string,
  name: string | undefined,
  rows: readonly TriggerResultRecord[],
  of: Of,
): TriggerScore {
  const versions = listVersions(context.library, skillId).filter(version => version.description === of.description)
  const names = new Set([name, ...versions.map(version => version.name)].flatMap(one => one ?? []))
  const answered = rows.filter(row => row.error === null && row.chosen !== null)
  const isIt = (row: TriggerResultRecord) => names.has(row.chosen ?? '')
  const hits = answered.filter(row => row.should === 1 && isIt(row)).length
  const precision = rateOf(hits, answered.filter(isIt).length)
  const recall = rateOf(hits, answered.filter(row => row.should === 1).length)
  return {
    descriptionHash: of.description_hash,
    description: of.description,
    versions: versions.map(version => version.version),
    model: of.model,
    precision,
    recall,
    asked: rows.length,
    failed: rows.length - answered.length,
    words: say(precision, recall),
    at: rows[0]?.created_at ?? context.clock(),
  }
}

type Known = Rate & { hits: number; of: number }
const rateOf = (hits: number, of: number): Known | null => (of === 0 ? null : { ...wilson(hits, of), hits, of })

function say(precision: Known | null, recall: Known | null): string {
  const range = ({ low, high }: Rate) => `95%: ${Math.round(low * 100)}% to ${Math.round(high * 100)}%`
  const found = recall
    ? `chosen in ${recall.hits} of ${recall.of} where it should be (${range(recall)})`
    : 'no prompt was asked that should choose it'
  if (!precision) return `${found}; never chosen`
  const wrong = precision.of - precision.hits
  return `${found}; ${wrong === 0 ? 'never' : `${wrong} times`} where it should not (precision ${range(precision)})`
}

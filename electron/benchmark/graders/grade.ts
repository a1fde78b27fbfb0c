import { setImmediate } from 'node:timers/promises'
import { type Assertion, type AssertionResult, sayAssertion } from '../../../shared/domain/benchmark/assertion.ts'
import { patternProblem, schemaProblem } from '../../../shared/domain/benchmark/pattern.ts'
import { jsonWithin, wholeJson } from './find-json.ts'
import type { GradingRoom } from './room.ts'
import { wordF1 } from './similarity.ts'

/** What is graded: the output, and what it took. Null: not known. */
export type Gradable = { output: string; ms: number | null; cost: number | null }
/** How one demand went; `passed` null: it could not be graded, and `evidence` says why. */
export type Finding = { passed: boolean | null; evidence: string | null; score?: number | null }
export type Graded = {
  results: AssertionResult[]
  /** 0–100; null where there is nothing to grade, or a demand that should have been graded could not be. */
  score: number | null
  notes: string | null
  /** Every demand is met. */
  matches: boolean | null
}

/** A longer output is no answer that anybody reads; an agent may write twenty times as much. In characters. */
const MOST_GRADED = 1_000_000
/** From here on each look at an output takes long enough to be told apart from others. */
const LONG = 50_000

/** Lets others have their turn between two looks at a long output. */
const breathe = async (output: string): Promise<void> => {
  if (output.length > LONG) await setImmediate()
}

/** Grades everything but rubrics, whose findings a judge brings, in the order in which they stand. */
export async function gradeOutput(
  assertions: readonly Assertion[],
  of: Gradable,
  room: GradingRoom,
  judged: readonly Finding[],
): Promise<Graded> {
  const rubrics = judged.values()
  const results: AssertionResult[] = []
  for (const one of assertions) {
    await breathe(of.output)
    const found =
      one.type === 'rubric'
        ? (rubrics.next().value ?? { passed: null, evidence: 'No judge was asked.' })
        : turned(one, await findingOf(one, of, room))
    results.push({ text: sayAssertion(one), type: one.type, weight: one.weight ?? 1, ...found })
  }
  return { results, ...scoreOf(assertions, results) }
}

/** 100 × the weight of what passed by the weight of what could be graded. Forms that are not graded here have no part. */
export function scoreOf(
  assertions: readonly Assertion[],
  results: readonly AssertionResult[],
): Pick<Graded, 'score' | 'notes' | 'matches'> {
  const gradable = results.filter(
    (_, at) => assertions[at]?.type !== 'unsupported' && (assertions[at]?.weight ?? 1) > 0,
  )
  if (gradable.length === 0) return { score: null, notes: 'Nothing in this case can be graded here.', matches: null }
  const failed = gradable.some(result => result.passed === false)
  const open = gradable.find(result => result.passed === null)
  // A score over fewer demands than another run's would be another figure under the same name.
  if (open) return { score: null, notes: open.evidence, matches: failed ? false : null }
  const weightOf = (list: readonly AssertionResult[]) => list.reduce((sum, result) => sum + (result.weight ?? 1), 0)
  const score = (100 * weightOf(gradable.filter(result => result.passed === true))) / weightOf(gradable)
  return { score, notes: null, matches: !failed }
}

const turned = (one: Assertion, found: Finding): Finding =>
  one.not === true && found.passed !== null ? { ...found, passed: !found.passed } : found

async function findingOf(
  one: Exclude<Assertion, { type: 'rubric' }>,
  of: Gradable,
  room: GradingRoom,
): Promise<Finding> {
  const { output } = of
  if (output.length > MOST_GRADED && one.type !== 'latency' && one.type !== 'cost')
    return { passed: null, evidence: `The output has more than ${MOST_GRADED} characters, so it was not graded.` }
  switch (one.type) {
    case 'equals': {
      const fold = folder(one.ignoreCase)
      const same = fold(output.trim()) === fold(one.value.trim())
      return { passed: same, evidence: same ? null : `It is ${quote(output, 0, output.length)}.` }
    }
    case 'contains':
      return containing([one.value], output, one.ignoreCase, 'all')
    case 'contains-all':
      return containing(one.values, output, one.ignoreCase, 'all')
    case 'contains-any':
      return containing(one.values, output, one.ignoreCase, 'any')
    case 'starts-with':
      return {
        passed: output.trimStart().startsWith(one.value),
        evidence: `It starts ${quote(output.trimStart(), 0, 40)}.`,
      }
    case 'regex':
      return matching(one.value, one.flags ?? '', output, room)
    case 'json':
      return json(one, output, room)
    case 'similar': {
      const score = wordF1(output, one.value)
      return { passed: score >= one.threshold, evidence: `Word F1 ${score.toFixed(2)}.`, score }
    }
    case 'length': {
      const count = lengthOf(output, one.unit)
      return { passed: count >= (one.min ?? 0) && count <= (one.max ?? Infinity), evidence: `${count} ${one.unit}.` }
    }
    case 'latency':
      if (of.ms === null) return { passed: null, evidence: 'How long it took is not known.' }
      return { passed: of.ms <= one.maxMs, evidence: `${Math.round(of.ms)} ms.` }
    case 'cost':
      if (of.cost === null)
        return {
          passed: null,
          evidence: 'What it cost is not known: the model has no price, or said not what it used.',
        }
      return { passed: of.cost <= one.maxMicrocents, evidence: `$${(of.cost / 1e8).toFixed(6)}.` }
    case 'unsupported':
      return { passed: null, evidence: `“${one.name}” is not graded here.` }
    default:
      return one satisfies never
  }
}

const folder = (ignoreCase: boolean | undefined) => (text: string) => (ignoreCase ? text.toLowerCase() : text)

async function containing(
  values: readonly string[],
  output: string,
  ignoreCase: boolean | undefined,
  which: 'all' | 'any',
): Promise<Finding> {
  const fold = folder(ignoreCase)
  const folded = fold(output)
  const places: { value: string; at: number }[] = []
  for (const value of values) {
    await breathe(output)
    places.push({ value, at: folded.indexOf(fold(value)) })
  }
  const missing = places.filter(place => place.at === -1)
  const first = places.find(place => place.at !== -1)
  const passed = which === 'all' ? missing.length === 0 : first !== undefined
  if (passed && first) return { passed, evidence: quote(output, first.at, first.value.length) }
  const list = missing.slice(0, 5).map(place => `“${place.value}”`)
  return { passed, evidence: `Not there: ${list.join(', ')}${missing.length > 5 ? ' …' : ''}.` }
}

async function matching(pattern: string, flags: string, text: string, room: GradingRoom): Promise<Finding> {
  const problem = patternProblem(pattern)
  if (problem) return { passed: null, evidence: `The pattern is not used: ${problem}` }
  const answer = await room.ask({ kind: 'regex', pattern, flags, text })
  if (answer.kind === 'slow') return { passed: null, evidence: 'The pattern took too long, so it was given up.' }
  if (answer.kind !== 'regex')
    return { passed: null, evidence: `The pattern is not one: ${answer.kind === 'unusable' ? answer.reason : ''}` }
  if (!answer.found) return { passed: false, evidence: 'Nothing matches.' }
  return { passed: true, evidence: quote(text, answer.found.at, answer.found.length) }
}

async function json(one: Extract<Assertion, { type: 'json' }>, output: string, room: GradingRoom): Promise<Finding> {
  const text = one.where === 'whole' ? wholeJson(output) : jsonWithin(output)
  if (text === undefined)
    return { passed: false, evidence: one.where === 'whole' ? 'It is not JSON.' : 'There is no JSON in it.' }
  if (one.schema === undefined) return { passed: true, evidence: quote(text, 0, 60) }
  const problem = schemaProblem(one.schema)
  if (problem) return { passed: null, evidence: `The schema is not used: ${problem}` }
  const answer = await room.ask({ kind: 'schema', schema: one.schema, json: text })
  if (answer.kind === 'slow') return { passed: null, evidence: 'The schema took too long, so it was given up.' }
  if (answer.kind !== 'schema')
    return { passed: null, evidence: `The schema cannot be used: ${answer.kind === 'unusable' ? answer.reason : ''}` }
  return { passed: answer.problem === null, evidence: answer.problem ?? quote(text, 0, 60) }
}

function lengthOf(output: string, unit: 'characters' | 'words' | 'lines'): number {
  const text = output.trim()
  if (unit === 'characters') return [...text].length
  if (unit === 'lines') return text === '' ? 0 : text.split('\n').length
  return text.split(/\s+/).filter(word => word !== '').length
}

/** What stands there, with a little before and after it. */
function quote(text: string, at: number, length: number): string {
  const [from, to] = [Math.max(0, at - 20), Math.min(text.length, at + Math.min(length, 120) + 20)]
  return `“${from > 0 ? '…' : ''}${text.slice(from, to).replace(/\s+/g, ' ').trim()}${to < text.length ? '…' : ''}”`
}

import { type Assertion, json, MOST_VALUES } from '../../shared/domain/benchmark/assertion.ts'
import { patternProblem } from '../../shared/domain/benchmark/pattern.ts'
import { isRecord, numberOf, textOf } from './parse-text.ts'

/**
 * promptfoo's assertions (promptfoo.dev/docs/configuration/expected-outputs) and ours. What has no twin here is kept whole
 * as unsupported, with the reason, so that it is exported again as it came.
 */
export type PromptfooAssertion = { type: string; value?: unknown; threshold?: number; weight?: number }
export type AssertionRead = { assertion: Assertion; remark?: string } | { remark: string }

/** Microcents in a dollar. */
const DOLLAR = 100_000_000
const UNGRADED = 'is not graded here; it was kept and is exported again.'
/** Fields that change what an assertion means. */
const CHANGING = ['transform', 'contextTransform', 'rubricPrompt', 'config']
const KNOWN = ['type', 'value', 'threshold', 'weight', 'not']

/** `render` puts variables into a text; `load` reads a `file://`. */
export type Reading = { render: (text: string) => string; load: (path: string) => string | undefined }

export function readPromptfooAssertion(given: unknown, reading: Reading): AssertionRead {
  if (!isRecord(given) || typeof given.type !== 'string' || given.type === '')
    return { remark: 'Not an assertion, so not taken.' }
  const changing = CHANGING.find(key => given[key] !== undefined)
  const kept = (why: string): AssertionRead => {
    const source = json.safeParse(given)
    if (!source.success) return { remark: 'It holds what is no JSON, so it was not taken.' }
    return { assertion: { type: 'unsupported', name: `${given.type}`.slice(0, 200), source: source.data }, remark: why }
  }
  if (changing !== undefined) return kept(`“${given.type}” with “${changing}” ${UNGRADED}`)
  const not = given.type.startsWith('not-')
  const weight = numberOf(given.weight)
  const common = {
    ...(not && { not: true as const }),
    ...(weight !== null && weight !== 1 && weight >= 0 && weight <= 1_000 && { weight }),
  }
  const value = loaded(given.value, reading)
  if (value === undefined && given.value !== undefined) return kept(`“${given.type}” names a file that ${UNGRADED}`)
  const body = readBody(not ? given.type.slice(4) : given.type, value, numberOf(given.threshold), reading)
  if (body === undefined) return kept(`“${given.type}” ${UNGRADED}`)
  const unknown = Object.keys(given).filter(key => !KNOWN.includes(key))
  return {
    assertion: { ...body, ...common },
    ...(unknown.length > 0 && { remark: `${unknown.join(', ')}: not understood, so not taken.` }),
  }
}

/** A value that names a file is that file's text; undefined where there is no such text. */
function loaded(value: unknown, { load }: Reading): unknown {
  if (typeof value !== 'string' || !value.startsWith('file://')) return value
  const path = value.slice('file://'.length)
  return /\.(txt|md|json|ya?ml|csv|html?)$/i.test(path) ? load(path) : undefined
}

function readBody(type: string, value: unknown, threshold: number | null, { render }: Reading): Assertion | undefined {
  const said = textOf(value)
  const text = said === undefined || said === '' ? undefined : render(said)
  const values = valuesOf(value, render)
  switch (type) {
    case 'equals':
      if (isRecord(value)) return schemaOf('whole', { const: value })
      return said === undefined ? undefined : { type, value: render(said) }
    case 'contains':
    case 'icontains':
      return text ? { type: 'contains', value: text, ...caseless(type) } : undefined
    case 'contains-all':
    case 'icontains-all':
      return values && { type: 'contains-all', values, ...caseless(type) }
    case 'contains-any':
    case 'icontains-any':
      return values && { type: 'contains-any', values, ...caseless(type) }
    case 'starts-with':
      return text ? { type, value: text } : undefined
    case 'regex':
      return text && isRegex(text) ? { type, value: text } : undefined
    case 'is-json':
    case 'contains-json':
      return schemaOf(type === 'is-json' ? 'whole' : 'within', value)
    case 'similar':
      return text ? { type, value: text, threshold: clamp(threshold ?? 0.75) } : undefined
    case 'word-count':
      return wordCount(value)
    case 'latency':
      return threshold !== null && threshold > 0 ? { type, maxMs: threshold } : undefined
    case 'cost':
      return threshold !== null && threshold > 0 ? { type, maxMicrocents: cents(threshold) } : undefined
    case 'llm-rubric':
      return text
        ? { type: 'rubric', value: text, ...(threshold !== null && { threshold: clamp(threshold) }) }
        : undefined
    default:
      return undefined
  }
}

const caseless = (type: string) => (type.startsWith('i') ? { ignoreCase: true as const } : {})
const clamp = (share: number): number => Math.min(1, Math.max(0, share))
/** 0.0001 × 100,000,000 is 10,000 and not 10,000.000000000002. */
const cents = (dollars: number): number => Number((dollars * DOLLAR).toPrecision(12))

/** A list, or one text separated by commas. */
function valuesOf(value: unknown, render: (text: string) => string): string[] | undefined {
  const parts = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',').map(one => one.trim()) : []
  const texts = parts.flatMap(part => textOf(part) || []).map(render)
  return texts.length === 0 || texts.length !== parts.length || texts.length > MOST_VALUES ? undefined : texts
}

function schemaOf(where: 'whole' | 'within', value: unknown): Assertion | undefined {
  if (value === undefined || value === null) return { type: 'json', where }
  const schema = json.safeParse(typeof value === 'string' ? parsed(value) : value)
  if (!schema.success) return undefined
  if (typeof schema.data === 'boolean') return { type: 'json', where, schema: schema.data }
  const { data } = schema
  return typeof data === 'object' && data !== null && !Array.isArray(data)
    ? { type: 'json', where, schema: data }
    : undefined
}

function wordCount(value: unknown): Assertion | undefined {
  const exact = numberOf(value) ?? (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : null)
  const [min, max] = isRecord(value) ? [numberOf(value.min), numberOf(value.max)] : [exact, exact]
  const whole = [min, max].every(one => one === null || (Number.isInteger(one) && one >= 0))
  if ((min === null && max === null) || !whole) return undefined
  return { type: 'length', unit: 'words', ...(min !== null && { min }), ...(max !== null && { max }) }
}

function isRegex(text: string): boolean {
  if (patternProblem(text) !== undefined) return false
  try {
    return new RegExp(text) instanceof RegExp
  } catch {
    return false
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Ours in promptfoo's words; what it has no word for becomes the script that says the same. */
export function writePromptfooAssertion(one: Assertion): PromptfooAssertion {
  const not = one.not ? 'not-' : ''
  const weight = one.weight === undefined ? {} : { weight: one.weight }
  const script = (code: string): PromptfooAssertion => ({
    type: 'javascript',
    value: one.not ? `!(${code})` : code,
    ...weight,
  })
  const i = 'ignoreCase' in one && one.ignoreCase ? 'i' : ''
  switch (one.type) {
    case 'equals':
      if (!i) return { type: `${not}equals`, value: one.value, ...weight }
      return script(`output.trim().toLowerCase() === ${JSON.stringify(one.value.trim().toLowerCase())}`)
    case 'contains':
      return { type: `${not}${i}contains`, value: one.value, ...weight }
    case 'contains-all':
    case 'contains-any':
      return { type: `${not}${i}${one.type}`, value: one.values, ...weight }
    case 'starts-with':
      return { type: `${not}starts-with`, value: one.value, ...weight }
    case 'regex':
      if (one.flags === undefined) return { type: `${not}regex`, value: one.value, ...weight }
      return script(`new RegExp(${JSON.stringify(one.value)}, ${JSON.stringify(one.flags)}).test(output)`)
    case 'json': {
      const schema = one.schema === undefined ? {} : { value: one.schema }
      return { type: `${not}${one.where === 'whole' ? 'is-json' : 'contains-json'}`, ...schema, ...weight }
    }
    case 'similar':
      return { type: `${not}similar`, value: one.value, threshold: one.threshold, ...weight }
    case 'length': {
      const range = { ...(one.min !== undefined && { min: one.min }), ...(one.max !== undefined && { max: one.max }) }
      if (one.unit === 'words') return { type: `${not}word-count`, value: range, ...weight }
      const size = one.unit === 'lines' ? "output.split('\\n').length" : '[...output].length'
      return script(`${size} >= ${one.min ?? 0} && ${size} <= ${one.max ?? 'Infinity'}`)
    }
    case 'latency':
      return { type: `${not}latency`, threshold: one.maxMs, ...weight }
    case 'cost':
      return { type: `${not}cost`, threshold: one.maxMicrocents / DOLLAR, ...weight }
    case 'rubric':
      return {
        type: `${not}llm-rubric`,
        value: one.value,
        ...(one.threshold !== undefined && { threshold: one.threshold }),
        ...weight,
      }
    case 'unsupported': {
      const { source } = one
      if (isRecord(source) && typeof source.type === 'string') return { ...source, type: source.type }
      return { type: 'javascript', value: 'true', ...weight }
    }
    default:
      return one satisfies never
  }
}

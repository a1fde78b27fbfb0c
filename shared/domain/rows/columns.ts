import { z } from 'zod'
import { isSlug } from '../slug.ts'
import { figure } from '../text.ts'
import { isDeeper, JSON_DEPTH, type JsonRule } from './json.ts'
import { type ColumnRule, HASH, isId } from './rules.ts'
import { fitsBytes, isLine, isStorable } from './text.ts'

/** The rules of synced rows (synced.ts) as tests of values, and in words. */

/**
 * `stored`: what the registry takes. `received`: the same, but that a line with control characters is let in, for plainLine
 * makes it one: nobody's whole work is set aside for a character in their name.
 */
export type Strictness = 'stored' | 'received'

export function schemaOfJson(rule: JsonRule): z.ZodType {
  const plain = plainJson(rule)
  return rule.null ? plain.nullable() : plain
}

function plainJson(rule: JsonRule): z.ZodType {
  switch (rule.is) {
    case 'text':
      return z.string()
    case 'number': {
      const number = z.number().min(rule.least).max(rule.most)
      return rule.whole ? number.refine(Number.isInteger) : number
    }
    case 'list': {
      const [first, ...others] = rule.of.map(schemaOfJson)
      if (!first) throw new Error('a list needs a rule for its items')
      return z.array(others.length === 0 ? first : z.union([first, ...others])).max(rule.most)
    }
    case 'object': {
      const fields = Object.entries(rule.fields).map(([key, field]) => {
        const schema = schemaOfJson(field)
        return [key, field.needed ? schema : schema.optional()] as const
      })
      return z.looseObject(Object.fromEntries(fields)).refine(isPlainObject)
    }
    default:
      return rule satisfies never
  }
}

const isPlainObject = (value: unknown): boolean => typeof value === 'object' && !Array.isArray(value)

/**
 * Whether a value is what its column may hold. Plain functions: ten thousand rows of fifteen columns are a page, and a zod
 * schema of each row takes ten times as long. What is inside JSON is zod's.
 */
export function columnTest(rule: ColumnRule, strictness: Strictness): (value: unknown) => boolean {
  const fits = plainTest(rule, strictness)
  return rule.null ? value => value === null || fits(value) : fits
}

const textThat =
  (fits: (text: string) => boolean) =>
  (value: unknown): boolean =>
    typeof value === 'string' && fits(value)

function plainTest(rule: ColumnRule, strictness: Strictness): (value: unknown) => boolean {
  switch (rule.kind) {
    case 'id':
      return textThat(isId)
    case 'slug':
      return textThat(isSlug)
    case 'hash':
      return textThat(text => HASH.test(text))
    case 'line': {
      const { least, most } = rule
      const fits = (text: string) => text.length >= least && fitsBytes(text, most) && isStorable(text)
      return textThat(strictness === 'received' ? fits : text => fits(text) && isLine(text))
    }
    case 'text': {
      const { most, characters = most } = rule
      return textThat(
        text =>
          fitsBytes(text, most) && isStorable(text) && (text.length <= characters || [...text].length <= characters),
      )
    }
    case 'whole':
      return value => Number.isInteger(value) && isWithin(value, rule)
    case 'real':
      return value => isWithin(value, rule)
    case 'choice': {
      const values = new Set(rule.values)
      return textThat(text => values.has(text))
    }
    case 'json': {
      const schema = schemaOfJson(rule.rule)
      const empty = emptyJson(rule.rule)
      return textThat(text => text === empty || (fitsBytes(text, rule.most) && isJsonOf(schema, text)))
    }
    case 'derived':
      return () => true
    default:
      return rule satisfies never
  }
}

const isWithin = (value: unknown, { least, most }: { least: number; most: number }): boolean =>
  typeof value === 'number' && value >= least && value <= most

export const emptyJson = (rule: JsonRule): string => (rule.is === 'list' ? '[]' : '{}')

function isJsonOf(schema: z.ZodType, text: string): boolean {
  if (!isStorable(text) || isDeeper(text, JSON_DEPTH)) return false
  try {
    const value: unknown = JSON.parse(text)
    // Written as \u0000 or as half of a pair, they pass as text and yet are none that Postgres takes out of JSON.
    if (text.includes('\\u') && !holdsStorable(value)) return false
    return schema.safeParse(value).success
  } catch {
    return false
  }
}

/** Whether every text in it, keys too, is one that every store takes. No deeper than JSON_DEPTH. */
function holdsStorable(value: unknown): boolean {
  if (typeof value === 'string') return isStorable(value)
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(holdsStorable)
  return Object.entries(value).every(([key, one]) => isStorable(key) && holdsStorable(one))
}

/** What a column may hold, in words that follow its name: 'tags must be …'. */
export function sayRule(rule: ColumnRule): string {
  const said = sayPlain(rule)
  return rule.null ? `${said}, or empty` : said
}

function sayPlain(rule: ColumnRule): string {
  switch (rule.kind) {
    case 'id':
      return 'must be an id of letters, digits, “_” and “-”'
    case 'slug':
      return 'must be a plain folder name'
    case 'hash':
      return 'must be a SHA-256'
    case 'line':
      return `must be one line of text, at most ${figure(rule.most)} bytes`
    case 'text':
      return `must be text, at most ${figure(rule.most)} bytes`
    case 'whole':
      return `must be a whole number from ${figure(rule.least)} to ${figure(rule.most)}`
    case 'real':
      return `must be a number from ${figure(rule.least)} to ${figure(rule.most)}`
    case 'choice':
      return `must be one of ${rule.values.join(', ')}`
    case 'json':
      return `must be ${rule.rule.is === 'list' ? 'a list' : 'an object'} of the expected form, at most ${figure(rule.most)} bytes`
    case 'derived':
      return 'may be anything'
    default:
      return rule satisfies never
  }
}

/**
 * The frontmatter's YAML: parsing within bounds, and the parser's complaints in words an author can act on.
 */
import type { Document, YAMLError } from 'yaml'
import { duplicateKey, lostAlias, parseWithin, type YamlExcess, type YamlLimits } from './bounded-yaml.ts'
import { figure } from './text.ts'

/** Frontmatter is short: the longest of 4,197 public versions has 1,291 characters. A hundred times that is an attack. */
export const FRONTMATTER_LIMITS: YamlLimits = { characters: 20_000, tokens: 4_000, depth: 40, aliases: 100 }

export type YamlRead = { document: Document.Parsed } | { problem: string; offset: number }

/**
 * YAML 1.2 with source ranges, so that fields can be edited in place; or the end of the sentence 'The frontmatter is not valid YAML: …'
 * with the offset that it speaks of. Never throws.
 */
export function readYaml(source: string): YamlRead {
  try {
    const read = parseWithin(source, FRONTMATTER_LIMITS)
    if ('excess' in read) return { problem: sayExcess(read.excess, source), offset: read.excess.offset }
    const { document } = read
    const error = document.errors[0]
    const twice = duplicateKey(document)
    if (twice !== undefined && twice <= (error?.pos[0] ?? source.length))
      return { problem: thereTwice(source, twice), offset: twice }
    if (error) return { problem: explain(error, source), offset: Math.min(error.pos[0], source.length) }
    const alias = lostAlias(document)
    return alias ? { problem: mustBeQuoted('*'), offset: alias.range?.[0] ?? 0 } : read
  } catch (thrown) {
    // Hostile text, not a bug of ours.
    return { problem: explainThrow(thrown), offset: 0 }
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const NOT_A_MAP = 'it is not a list of “key: value” lines.'

function sayExcess({ limit, most }: YamlExcess, source: string): string {
  switch (limit) {
    case 'characters':
      return `it has ${figure(source.length)} characters; up to ${figure(most)} are read.`
    case 'tokens':
      return 'it has too many values.'
    case 'depth':
      return TOO_DEEP
    case 'aliases':
      return `it has more than ${most} aliases (*name).`
    default:
      return limit satisfies never
  }
}

const thereTwice = (source: string, offset: number): string =>
  `the field “${/^[^:\n]*/.exec(source.slice(offset))?.[0].trim() ?? ''}” is there twice.`

function explain(error: YAMLError, source: string): string {
  switch (error.code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'a value with a colon and a blank in it must be in quotes.'
    case 'UNEXPECTED_TOKEN':
      return 'there is more here than YAML expects; a value with [ ], { } or quotes inside must be in quotes as a whole.'
    case 'BAD_SCALAR_START':
    case 'BAD_ALIAS':
      return mustBeQuoted(source.charAt(error.pos[0]))
    case 'BAD_INDENT':
      return 'this line is not indented like the lines it belongs to.'
    case 'TAB_AS_INDENT':
      return 'lines are indented by spaces, not by tabs.'
    case 'MULTILINE_IMPLICIT_KEY':
      return 'this line has no “key:” in front of its value.'
    case 'RESOURCE_EXHAUSTION':
      return TOO_DEEP
    default:
      return sentence(error.message)
  }
}

const mustBeQuoted = (start: string) => `a value that starts with “${start}” must be in quotes.`

const TOO_DEEP = 'it is nested too deeply.'

export function explainThrow(thrown: unknown): string {
  if (thrown instanceof RangeError) return TOO_DEEP
  return sentence(thrown instanceof Error ? thrown.message : String(thrown))
}

/** The parser's own message, as the end of a sentence. */
function sentence(message: string): string {
  const first = (message.split('\n')[0] ?? '').replace(/:$/, '').trim()
  return `${first.charAt(0).toLowerCase()}${first.slice(1)}${first.endsWith('.') ? '' : '.'}`
}

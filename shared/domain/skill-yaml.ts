/**
 * The frontmatter's YAML: parsing within bounds, and the parser's complaints in words an author can act on.
 */
import { type Alias, type Document, parseDocument, visit, type YAMLError } from 'yaml'
import { figure } from './text.ts'

/**
 * Frontmatter is about 100 tokens (the longest of 4,197 public versions has 1,291 characters). Hostile YAML costs quadratic time; this
 * much of it is read in half a second at worst.
 */
export const MAX_FRONTMATTER = 20_000

/** YAML 1.2 with source ranges, so that fields can be edited in place. */
export const parseYaml = (source: string): Document.Parsed =>
  parseDocument(source, { version: '1.2', prettyErrors: false, logLevel: 'silent', uniqueKeys: true })

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const NOT_A_MAP = 'it is not a list of “key: value” lines.'
export const tooLong = (length: number) =>
  `it has ${figure(length)} characters; up to ${figure(MAX_FRONTMATTER)} are read.`

/** The end of the sentence 'The frontmatter is not valid YAML: …'. */
export function explain(error: YAMLError, source: string): string {
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return `the field “${/^[^:\n]*/.exec(source.slice(error.pos[0]))?.[0].trim() ?? ''}” is there twice.`
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

export const mustBeQuoted = (start: string) => `a value that starts with “${start}” must be in quotes.`

/** The first `*name` without its `&name`: mostly an author's *emphasis*. The parser finds it only when values are asked for. */
export function lostAlias(document: Document.Parsed): Alias | undefined {
  let lost: Alias | undefined
  visit(document, {
    Alias(_, node) {
      if (node.resolve(document) !== undefined) return undefined
      lost = node
      return visit.BREAK
    },
  })
  return lost
}

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

/**
 * Reads SKILL.md: YAML 1.2 frontmatter between two `---` lines, then Markdown (Agent Skills specification, 'SKILL.md
 * format'). Offsets are UTF-16 indices into the whole text, so that whatever is shown or edited points at the source.
 */
import { type Document, isMap, isNode, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { positionAt } from './text.ts'

export type FrontmatterField = {
  key: string
  /** As YAML 1.2 reads it. Where the YAML is broken: the text after the colon, trimmed. */
  value: unknown
  /** The value as written, without a trailing comment; '' for none. */
  source: string
  /** The whole entry: from the key's first character to the value's last. */
  from: number
  to: number
  /** The key alone ends here. */
  keyTo: number
  /** The value starts here; equal to `to` when there is none. */
  valueFrom: number
  /** The key's line, from 1. */
  line: number
}

export type SkillMd = {
  /** The YAML alone, without the `---` lines. `startLine` is the number of its first line, from 1. */
  frontmatter: { from: number; to: number; text: string; startLine: number } | undefined
  /** Why there is no frontmatter. */
  missing?: 'no-frontmatter' | 'unclosed'
  body: string
  bodyFrom: number
  /** The frontmatter as a plain object; undefined when there is none, or it is not valid YAML, or not a map. */
  data: Record<string, unknown> | undefined
  /** In the order written. With broken YAML, what can be told from the lines. */
  fields: FrontmatterField[]
  /** The entries of `metadata`, when it is a map. */
  metadata: FrontmatterField[]
  yamlError?: { message: string; line: number; column: number }
  /** Trimmed, and present only when they are text; with broken YAML read from the lines, so that lists can show something. */
  name?: string
  description?: string
  newline: '\n' | '\r\n'
}

/** More aliases than this in the count that `yaml` keeps is a bomb, not a skill. */
const MAX_ALIASES = 100
/** Frontmatter is about 100 tokens; a hundred thousand characters of YAML would stall the editor on each keystroke. */
const MAX_FRONTMATTER = 100_000

type Span = { from: number; to: number; bodyFrom: number }

/** Never throws, whatever the text. `text` may start with a byte order mark and may use LF or CRLF. */
export function parseSkillMd(text: string): SkillMd {
  const firstBreak = text.indexOf('\n')
  const newline = firstBreak > 0 && text[firstBreak - 1] === '\r' ? '\r\n' : '\n'
  const span = findFrontmatter(text)
  if (typeof span === 'string') {
    const bodyFrom = text.startsWith('\uFEFF') ? 1 : 0
    return {
      frontmatter: undefined,
      missing: span,
      body: text.slice(bodyFrom),
      bodyFrom,
      data: undefined,
      fields: [],
      metadata: [],
      newline,
    }
  }
  const yaml = readFrontmatter(text, span)
  return {
    frontmatter: { from: span.from, to: span.to, text: text.slice(span.from, span.to), startLine: 2 },
    body: text.slice(span.bodyFrom),
    bodyFrom: span.bodyFrom,
    newline,
    ...yaml,
    name: shown(yaml.fields, 'name'),
    description: shown(yaml.fields, 'description'),
  }
}

function shown(fields: readonly FrontmatterField[], key: string): string | undefined {
  const value = fields.find(field => field.key === key)?.value
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** A delimiter is a line of exactly `---`, blanks after it allowed; one that is indented belongs to the YAML. */
function findFrontmatter(text: string): Span | 'no-frontmatter' | 'unclosed' {
  const start = text.startsWith('\uFEFF') ? 1 : 0
  const opening = /---[ \t]*(\r?\n|$)/y
  opening.lastIndex = start
  if (!opening.test(text)) return 'no-frontmatter'
  const from = opening.lastIndex
  const closing = /---[ \t]*(?:\r?\n|$)/y
  for (let at = from; at < text.length; ) {
    closing.lastIndex = at
    if (closing.test(text)) return { from, to: at, bodyFrom: closing.lastIndex }
    const next = text.indexOf('\n', at)
    if (next === -1) break
    at = next + 1
  }
  return 'unclosed'
}

type Yaml = Pick<SkillMd, 'data' | 'fields' | 'metadata' | 'yamlError'>

function readFrontmatter(text: string, span: Span): Yaml {
  const source = text.slice(span.from, span.to)
  const broken = (message: string, offset: number): Yaml => ({
    data: undefined,
    fields: scanFields(text, span),
    metadata: [],
    yamlError: { message, ...positionAt(text, span.from + offset) },
  })
  if (source.length > MAX_FRONTMATTER) return broken('The frontmatter is too long to be read as YAML.', 0)
  try {
    const document = parseYaml(source)
    const error = document.errors[0]
    if (error) return broken(sentence(error.message), Math.min(error.pos[0], source.length))
    if (document.contents === null) return { data: {}, fields: [], metadata: [] }
    if (isScalar(document.contents) && document.contents.value === null) return { data: {}, fields: [], metadata: [] }
    if (!isMap(document.contents))
      return broken('The frontmatter is not a list of “key: value” lines.', document.contents.range?.[0] ?? 0)
    const data: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
    if (!isRecord(data)) return broken('The frontmatter is not a list of “key: value” lines.', 0)
    const fields = fieldsOf(document.contents, document, text, span.from)
    const inner = document.contents.get('metadata', true)
    return { data, fields, metadata: isMap(inner) ? fieldsOf(inner, document, text, span.from) : [] }
  } catch (thrown) {
    // The parser recurses, and refuses alias bombs by throwing: hostile text, not a bug of ours.
    const message = thrown instanceof RangeError ? 'The frontmatter is nested too deeply.' : messageOf(thrown)
    return broken(sentence(message), 0)
  }
}

/** One frontmatter's YAML as a document with source ranges; used for reading and for editing in place. */
export function parseYaml(source: string): Document.Parsed {
  return parseDocument(source, { version: '1.2', prettyErrors: false, logLevel: 'silent', uniqueKeys: true })
}

/** The entries of a map, in the order written; `base` is where the YAML starts in `text`. */
export function fieldsOf(map: YAMLMap, document: Document.Parsed, text: string, base: number): FrontmatterField[] {
  return map.items.flatMap(pair => fieldOf(pair, document, text, base) ?? [])
}

function fieldOf(
  pair: Pair<unknown, unknown>,
  document: Document.Parsed,
  text: string,
  base: number,
): FrontmatterField | undefined {
  const { key, value: node } = pair
  if (!isScalar(key) || !key.range) return undefined
  const keyFrom = base + key.range[0]
  const keyTo = base + key.range[1]
  const range = isNode(node) ? node.range : undefined
  const from = base + (range?.[0] ?? key.range[1])
  // Block scalars and collections end after their last line break; a field ends with its last visible character.
  const source = text.slice(from, base + (range?.[1] ?? key.range[1])).trimEnd()
  return {
    key: String(key.value),
    value: isNode(node) ? node.toJS(document, { maxAliasCount: MAX_ALIASES }) : null,
    source,
    from: keyFrom,
    to: Math.max(keyTo, from + source.length),
    keyTo,
    valueFrom: from,
    line: positionAt(text, keyFrom).line,
  }
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The parser's message as one sentence. */
function sentence(message: string): string {
  const first =
    message
      .split('\n')[0]
      ?.replace(/ at line \d+.*$/, '')
      .replace(/:$/, '')
      .trim() ?? ''
  return first.endsWith('.') ? first : `${first}.`
}

const LINE_FIELD = /^([A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+(.*))?$/

/**
 * What can be told from the lines of broken YAML: each unindented `key: …` starts a field that ends before the next one.
 * The value of most broken files is one long line with a colon in it, and that line is what its author meant.
 */
function scanFields(text: string, span: Span): FrontmatterField[] {
  const fields: FrontmatterField[] = []
  let line = 1
  for (let at = span.from; at < span.to; ) {
    line++
    const next = text.indexOf('\n', at)
    const stop = next === -1 || next >= span.to ? span.to : next
    const content = text.slice(at, stop).replace(/\r$/, '')
    const match = LINE_FIELD.exec(content)
    const last = fields[fields.length - 1]
    if (match?.[1] !== undefined) fields.push(lineField(at, line, content, match[1], match[2] ?? ''))
    else if (last && content.trim() !== '' && !content.startsWith('#')) {
      last.to = at + content.trimEnd().length
      last.source = text.slice(last.valueFrom, last.to)
      last.value = last.source.replace(/\s*\r?\n\s*/g, ' ').trim()
    }
    at = stop + 1
  }
  return fields
}

function lineField(at: number, line: number, content: string, key: string, raw: string): FrontmatterField {
  const source = raw.trim()
  const to = at + content.trimEnd().length
  return { key, value: source, source, from: at, to, keyTo: at + key.length, valueFrom: to - source.length, line }
}

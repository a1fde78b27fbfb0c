/**
 * Reads SKILL.md: YAML 1.2 frontmatter between two `---` lines, then Markdown (Agent Skills specification, 'SKILL.md
 * format'). Offsets are UTF-16 indices into the whole text, so that whatever is shown or edited points at the source.
 */
import { type Document, isMap, isNode, isScalar, type Pair, type YAMLMap } from 'yaml'
import { explainThrow, FRONTMATTER_LIMITS, isRecord, NOT_A_MAP, readYaml } from './skill-yaml.ts'
import { positionsIn } from './text.ts'

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
  yamlError?: { message: string; line: number; column: number; offset: number }
  /** Trimmed, and present only when they are text; with broken YAML read from the lines, so that lists can show something. */
  name?: string
  description?: string
  newline: '\n' | '\r\n'
}

/** What aliases stand for in all, as `yaml` counts it (the anchor itself is one): more is a bomb, not a skill. */
const MAX_ALIASES = FRONTMATTER_LIMITS.aliases + 1

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

/** Frontmatter that has not ended by then counts as never closed: a hundred times what is read of it (`FRONTMATTER_LIMITS`). */
const LONGEST = 100 * FRONTMATTER_LIMITS.characters

/** A delimiter is a line of exactly `---`, blanks after it allowed; one that is indented belongs to the YAML. */
function findFrontmatter(text: string): Span | 'no-frontmatter' | 'unclosed' {
  const start = text.startsWith('\uFEFF') ? 1 : 0
  const opening = /---[ \t]*(\r?\n|$)/y
  opening.lastIndex = start
  if (!opening.test(text)) return 'no-frontmatter'
  const from = opening.lastIndex
  const closing = /---[ \t]*(?:\r?\n|$)/y
  const most = Math.min(text.length, from + LONGEST)
  for (let at = from; at < most; ) {
    closing.lastIndex = at
    if (closing.test(text)) return { from, to: at, bodyFrom: closing.lastIndex }
    const next = text.indexOf('\n---', at)
    if (next === -1) break
    at = next + 1
  }
  return 'unclosed'
}

type Yaml = Pick<SkillMd, 'data' | 'fields' | 'metadata' | 'yamlError'>

function readFrontmatter(text: string, span: Span): Yaml {
  const source = text.slice(span.from, span.to)
  const place = positionsIn(text, span.to)
  const broken = (message: string, offset: number): Yaml => ({
    data: undefined,
    fields: scanFields(text, span),
    metadata: [],
    yamlError: {
      message: `The frontmatter is not valid YAML: ${message}`,
      ...place(span.from + offset),
      offset: span.from + offset,
    },
  })
  const read = readYaml(source)
  if ('problem' in read) return broken(read.problem, read.offset)
  const { document } = read
  try {
    if (document.contents === null) return { data: {}, fields: [], metadata: [] }
    if (isScalar(document.contents) && document.contents.value === null) return { data: {}, fields: [], metadata: [] }
    if (!isMap(document.contents)) return broken(NOT_A_MAP, document.contents.range?.[0] ?? 0)
    const data: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
    if (!isRecord(data)) return broken(NOT_A_MAP, 0)
    const fields = fieldsOf(document.contents, document, text, span.from, place)
    const inner = document.contents.get('metadata', true)
    return { data, fields, metadata: isMap(inner) ? fieldsOf(inner, document, text, span.from, place) : [] }
  } catch (thrown) {
    // Hostile text, not a bug of ours: aliases that stand for too much are refused by throwing.
    return broken(explainThrow(thrown), 0)
  }
}

/** The entries of a map, in the order written; `base` is where the YAML starts in `text`. */
function fieldsOf(
  map: YAMLMap,
  document: Document.Parsed,
  text: string,
  base: number,
  place: Place,
): FrontmatterField[] {
  return map.items.flatMap(pair => fieldOf(pair, document, text, base, place) ?? [])
}

type Place = (offset: number) => { line: number; column: number }

function fieldOf(
  pair: Pair<unknown, unknown>,
  document: Document.Parsed,
  text: string,
  base: number,
  place: Place,
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
    line: place(keyFrom).line,
  }
}

/** Of broken YAML no more characters are looked at, and of a field no more lines are shown as its value. */
const MAX_SCANNED = FRONTMATTER_LIMITS.characters
const MAX_LINES = 1_000
const LINE_FIELD = /^([A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+(.*))?$/

/**
 * What can be told from the lines of broken YAML: each unindented `key: …` starts a field, indented lines go on with it.
 * The value of most broken files is one long line with a colon in it, and that line is what its author meant.
 */
function scanFields(text: string, span: Span): FrontmatterField[] {
  const fields: FrontmatterField[] = []
  const to = Math.min(span.to, span.from + MAX_SCANNED)
  let line = 1
  for (let at = span.from; at < to; ) {
    line++
    const next = text.indexOf('\n', at)
    const stop = next === -1 || next >= to ? to : next
    const content = text.slice(at, stop).trimEnd()
    const match = LINE_FIELD.exec(content)
    const last = fields[fields.length - 1]
    if (match?.[1] !== undefined) fields.push(lineField(at, line, content, match[1], match[2] ?? ''))
    else if (last && /^[ \t]/.test(content)) last.to = at + content.length
    at = stop + 1
  }
  return fields.map(field => {
    const source = text.slice(field.valueFrom, field.to)
    return {
      ...field,
      source,
      value: unquoted(
        source
          .split('\n', MAX_LINES)
          .map(part => part.trim())
          .join(' ')
          .trim(),
      ),
    }
  })
}

const unquoted = (value: string): string => /^(["'])(.*)\1$/s.exec(value)?.[2] ?? value

function lineField(at: number, line: number, content: string, key: string, raw: string): FrontmatterField {
  const to = at + content.length
  return { key, value: '', source: '', from: at, to, keyTo: at + key.length, valueFrom: to - raw.trim().length, line }
}

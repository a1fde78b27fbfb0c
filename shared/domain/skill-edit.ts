/**
 * Edits one frontmatter field in place. What the author did not touch stays byte for byte: comments, key order, quoting,
 * line endings, unknown fields. Each candidate edit is parsed again before it is taken, so an edit sets the field and
 * nothing else, or does not happen.
 */
import { isMap, type YAMLMap } from 'yaml'
import { type FrontmatterField, parseSkillMd, type SkillMd } from './skill-parse.ts'
import { readYaml } from './skill-yaml.ts'

/**
 * Gives `text` with the field `key` set to the string `value`; `metadata.x` names an entry of `metadata`.
 * A field that exists keeps its place and, where the value allows it, its quoting style; a new one goes where the specification's
 * examples have it (name, description, then the rest). Without frontmatter one is put on top. The text comes back unchanged
 * when the field already has that value, or cannot be set without harm: frontmatter that is never closed or is not a map, or
 * a value that another field refers to by an alias.
 */
export function setField(text: string, key: string, value: string): string {
  const skill = parseSkillMd(text)
  if (skill.missing === 'unclosed') return text
  if (skill.missing === 'no-frontmatter') return withNewFrontmatter(text, skill, key, value)
  for (const place of placesFor(text, skill, key)) {
    if (place.kind === 'replace' && !skill.yamlError && place.field.value === value) return text
    for (const written of writings(value, place, skill.newline)) {
      const edited = text.slice(0, place.from) + place.before + written + place.after + text.slice(place.to)
      if (isCleanEdit(skill, edited, key, value)) return edited
    }
  }
  return text
}

function withNewFrontmatter(text: string, skill: SkillMd, key: string, value: string): string {
  const { newline } = skill
  const gap = skill.body === '' || /^\r?\n/.test(skill.body) ? '' : newline
  const empty = `${text.slice(0, skill.bodyFrom)}---${newline}---${newline}${gap}${skill.body}`
  const edited = setField(empty, key, value)
  return edited === empty ? text : edited
}

type Place = {
  from: number
  to: number
  /** What stands around the written value. */
  before: string
  after: string
  /** Inside `{ … }`, where only quoted text is safe. */
  flow: boolean
  /** Blanks before the key: a block scalar's lines stand two deeper. */
  indent: string
} & ({ kind: 'insert' } | { kind: 'replace'; field: FrontmatterField })

/** Where the field may be written, best first. */
function placesFor(text: string, skill: SkillMd, key: string): Place[] {
  const own = skill.fields.find(field => field.key === key)
  const root = skill.yamlError ? undefined : rootMap(skill)
  if (own) return [replacing(text, own, root?.flow === true)]
  const inner = /^metadata\.(.+)$/s.exec(key)?.[1]
  if (inner !== undefined && skill.data) return placesInMetadata(text, skill, root, inner)
  return skill.yamlError ? [] : insertions(text, skill, key, root)
}

function rootMap(skill: SkillMd): YAMLMap | undefined {
  const read = readYaml(skill.frontmatter?.text ?? '')
  if ('problem' in read) return undefined
  const { contents } = read.document
  return isMap(contents) ? contents : undefined
}

function replacing(text: string, field: FrontmatterField, flow: boolean): Place {
  const colon = text.indexOf(':', field.keyTo) + 1
  // The blanks that end a block scalar are its own; left behind they would end the new value.
  const blanks = /^[|>]/.test(field.source) ? (/^[ \t]*/.exec(text.slice(field.to))?.[0].length ?? 0) : 0
  const to = field.source === '' ? colon : field.to + blanks
  return { kind: 'replace', field, from: colon, to, before: ' ', after: '', flow, indent: indentAt(text, field.from) }
}

function insertions(text: string, skill: SkillMd, key: string, root: YAMLMap | undefined): Place[] {
  const frontmatter = skill.frontmatter
  if (!frontmatter) return []
  if (root?.flow) return [intoFlow(frontmatter.from + (root.range?.[0] ?? 0), key, skill.fields.length > 0)]
  const first = skill.fields[0]
  const indent = first ? indentAt(text, first.from) : ''
  const at = (offset: number): Place => onOwnLine(offset, indent, key, skill.newline)
  const name = skill.fields.find(field => field.key === 'name')
  const places = [at(frontmatter.to)]
  if (key === 'name') places.unshift(at(frontmatter.from))
  if (key === 'description' && name) places.unshift(at(lineEnd(text, name.to)))
  return places
}

function placesInMetadata(text: string, skill: SkillMd, root: YAMLMap | undefined, inner: string): Place[] {
  const base = skill.frontmatter?.from ?? 0
  const field = skill.fields.find(each => each.key === 'metadata')
  if (!field) {
    return insertions(text, skill, 'metadata', root).map(place =>
      place.flow
        ? { ...place, before: `metadata: { ${keyText(inner)}: `, after: ` }${place.after}` }
        : {
            ...place,
            before: `${place.indent}metadata:${skill.newline}${place.indent}  ${keyText(inner)}: `,
            indent: `${place.indent}  `,
          },
    )
  }
  const map = root?.get('metadata', true)
  if (!isMap(map)) return []
  const entries = skill.metadata
  const flow = map.flow === true || root?.flow === true
  const own = entries.find(entry => entry.key === inner)
  if (own) return [replacing(text, own, flow)]
  if (flow) return [intoFlow(base + (map.range?.[0] ?? 0), inner, entries.length > 0)]
  const indent = indentAt(text, entries[0]?.from ?? field.from)
  return [onOwnLine(lineEnd(text, field.to), indent, inner, skill.newline)]
}

const onOwnLine = (at: number, indent: string, key: string, newline: string): Place => ({
  kind: 'insert',
  from: at,
  to: at,
  before: `${indent}${keyText(key)}: `,
  after: newline,
  flow: false,
  indent,
})

const intoFlow = (brace: number, key: string, more: boolean): Place => ({
  kind: 'insert',
  from: brace + 1,
  to: brace + 1,
  before: `${keyText(key)}: `,
  after: more ? ', ' : '',
  flow: true,
  indent: '',
})

const keyText = (key: string): string => (/^[A-Za-z_][\w-]*$/.test(key) ? key : quoted(key))

const indentAt = (text: string, offset: number): string =>
  /^[ ]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset))?.[0] ?? ''

function lineEnd(text: string, offset: number): number {
  const next = text.indexOf('\n', offset)
  return next === -1 ? text.length : next + 1
}

/** Ways to write the value, the most like what was there first. All are one YAML scalar; the caller checks each. */
function writings(value: string, place: Place, newline: string): string[] {
  const source = place.kind === 'replace' ? place.field.source : ''
  const style = source[0] ?? ''
  const ways: string[] = []
  const printable = !UNPRINTABLE.test(value)
  if (!place.flow && printable) {
    if (style === '>') ways.push(...folded(value, source, place.indent))
    if (style === '|' || (value.includes('\n') && style !== '"' && style !== "'"))
      ways.push(literal(value, place.indent))
    if (style === "'" && !value.includes('\n')) ways.push(`'${value.replaceAll("'", "''")}'`)
    if (style !== '"' && style !== "'" && isPlain(value)) ways.push(value)
    if (style !== '"' && /["\\]/.test(value) && !value.includes('\n')) ways.push(`'${value.replaceAll("'", "''")}'`)
  }
  ways.push(quoted(value))
  return newline === '\n' ? ways : ways.map(way => way.replaceAll('\n', newline))
}

/** What no block or plain scalar can hold: controls, carriage returns, the other line breaks of YAML 1.1, half surrogates. */
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\p{Surrogate}/u
const ESCAPED = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

/** JSON's strings are YAML's double-quoted ones; what JSON leaves raw and YAML does not print is escaped too. */
const quoted = (value: string): string =>
  JSON.stringify(value).replace(ESCAPED, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** Stricter than YAML 1.2, so that 1.1 parsers (yes, no, 1_000, 12:30, dates) read the same text. */
function isPlain(value: string): boolean {
  if (!/^[\p{L}\p{N}]/u.test(value) || /\s$/.test(value) || value.includes('\n')) return false
  if (/: |:$|\s#/.test(value)) return false
  return !/^(?:\d[\d_.,:eE+-]*|0[xXoO][\da-fA-F]+|[\d-]+[Tt ][\d:.Zz+ -]+|y|n|yes|no|on|off|true|false|null)$/i.test(
    value,
  )
}

function literal(value: string, indent: string): string {
  const margin = `${indent}  `
  const chomp = !value.endsWith('\n') ? '-' : value.endsWith('\n\n') || value === '\n' ? '+' : ''
  const lines = (chomp === '-' ? value : value.slice(0, -1)).split('\n')
  const start = /^[ \n]/.test(value) ? '2' : ''
  return `|${start}${chomp}\n${lines.map(line => (line === '' ? '' : margin + line)).join('\n')}`
}

/** Wrapped as widely as it was; one long line stays one line. A line that starts with a blank would not be folded. */
function folded(value: string, source: string, indent: string): string[] {
  if (value.endsWith('\n\n') || /(^|\n)[ \t]/.test(value)) return []
  const lines = source.split(/\r?\n/).slice(1)
  const width = lines.length > 1 ? Math.max(40, ...lines.map(line => line.trim().length)) : Number.POSITIVE_INFINITY
  const margin = `\n${indent}  `
  // One line break in the text is an empty line here, two are two, and so on.
  const parts = value.replace(/\n$/, '').split(/(\n+)/)
  const written = parts.map((part, i) =>
    i % 2 === 1 ? part : part === '' ? '' : margin + wrapped(part, width).join(margin),
  )
  return [`>${value.endsWith('\n') ? '' : '-'}${written.join('')}`]
}

/** Breaks at single blanks only, since folding gives back one blank for each break. */
function wrapped(line: string, width: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of line.split(/(?<=\S) (?=\S)/)) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current)
      current = word
    } else current = current === '' ? word : `${current} ${word}`
  }
  return [...lines, current]
}

/** True when `edited` has the value in the field, every other field as it was, and the same body. */
function isCleanEdit(before: SkillMd, edited: string, key: string, value: string): boolean {
  const after = parseSkillMd(edited)
  if (after.body !== before.body || after.missing) return false
  if (after.yamlError && !before.yamlError) return false
  const left = entriesOf(before, key)
  const right = entriesOf(after, key)
  const now = right.own
  if (!now || (after.yamlError ? !readsAs(now.source, value) : now.value !== value)) return false
  if (before.yamlError) return true
  return left.others.length === right.others.length && left.others.every((field, i) => isSame(field, right.others[i]))
}

/** With the YAML broken elsewhere, at least the field's own writing must say what is meant. */
function readsAs(source: string, value: string): boolean {
  const read = readYaml(`k: ${source}\n`)
  return 'document' in read && read.document.get('k') === value
}

function isSame(left: FrontmatterField, right: FrontmatterField | undefined): boolean {
  if (!right || left.key !== right.key || left.source !== right.source) return false
  return typeof left.value === 'object' || Object.is(left.value, right.value)
}

/** The field itself, and all others with metadata's entries in place of `metadata`, so that an edit in there can be told apart. */
function entriesOf(skill: SkillMd, key: string): { own?: FrontmatterField; others: FrontmatterField[] } {
  const direct = skill.fields.find(field => field.key === key)
  if (direct || skill.yamlError || !key.startsWith('metadata.'))
    return { own: direct, others: skill.fields.filter(field => field !== direct) }
  const own = skill.metadata.find(field => field.key === key.slice('metadata.'.length))
  const outer = skill.fields.filter(field => field.key !== 'metadata')
  return { own, others: [...outer, ...skill.metadata.filter(field => field !== own)] }
}

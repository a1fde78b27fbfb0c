import { duplicateKey, lostAlias, parseWithin, type YamlLimits } from '../../shared/domain/bounded-yaml.ts'
import { type JsonLimits, jsonExcess } from './json-bounds.ts'

export type Parsed = { ok: true; value: unknown } | { ok: false; message: string }

/** Deeper than this no file of cases or results is: what is would overflow whoever walks it. */
const DEEPEST = 60
export const JSON_LIMITS: JsonLimits = { characters: 16 * 1024 * 1024, depth: DEEPEST, values: 500_000 }
/** YAML's parser keeps a node with its positions for each token: a few hundred bytes and a few microseconds each. */
export const YAML_LIMITS: YamlLimits = { characters: 8 * 1024 * 1024, depth: DEEPEST, tokens: 500_000, aliases: 100 }
/** What is left of a document when each alias stands for its whole anchor. */
const MOST_VALUES = 2_000_000

/** UTF-8 text without its byte order mark, or why it is none. */
export function decodeUtf8(
  bytes: Uint8Array,
  name: string,
): { ok: true; text: string } | { ok: false; message: string } {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return { ok: false, message: `“${name}” is UTF-16; save it as UTF-8.` }
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { ok: false, message: `“${name}” is not UTF-8 text.` }
  }
}

type Decoded = ReturnType<typeof decodeUtf8>
/** Where files are read from: a `SourceTree`. */
type Readable = { read: (path: string) => Uint8Array | undefined }

/** A file as UTF-8 text, or why it cannot be had. */
export function readText(tree: Readable, path: string): Decoded {
  const bytes = tree.read(path)
  return bytes ? decodeUtf8(bytes, path) : { ok: false, message: `“${path}” cannot be read.` }
}

/** A file as JSON, or why it cannot be had. */
export function readJson(tree: Readable, path: string): Parsed {
  const read = readText(tree, path)
  return read.ok ? parseJson(read.text, path) : read
}

export function parseJson(text: string, name: string): Parsed {
  const excess = jsonExcess(text, JSON_LIMITS)
  if (excess) return tooMuch(name, excess)
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    return { ok: false, message: `“${name}” is not valid JSON: ${error instanceof Error ? error.message : 'damaged'}` }
  }
}

/** YAML 1.2 with merge keys, as js-yaml reads it; JSON is YAML too. */
export function parseYaml(text: string, name: string): Parsed {
  const invalid = (why: string): Parsed => ({ ok: false, message: `“${name}” is not valid YAML: ${why}` })
  try {
    const read = parseWithin(text, YAML_LIMITS, { merge: true })
    if ('excess' in read) return tooMuch(name, read.excess.limit)
    const { document } = read
    const [error] = document.errors
    if (error) return invalid(error.message.split('\n', 1)[0] ?? '')
    if (duplicateKey(document) !== undefined) return invalid('Map keys must be unique')
    const lost = lostAlias(document)
    if (lost) return invalid(`there is no anchor “${lost.source.slice(0, 60)}” for its alias`)
    return expanded(document.toJS({ maxAliasCount: YAML_LIMITS.aliases + 1 }), name)
  } catch (error) {
    return invalid(error instanceof Error ? error.message : 'damaged')
  }
}

function tooMuch(name: string, limit: keyof JsonLimits | keyof YamlLimits): { ok: false; message: string } {
  switch (limit) {
    case 'characters':
      return { ok: false, message: `“${name}” is too large. JSON is read up to 16 MB, YAML up to 8 MB.` }
    case 'depth':
      return { ok: false, message: `“${name}” is nested more than ${DEEPEST} levels deep.` }
    case 'values':
    case 'tokens':
      return { ok: false, message: `“${name}” holds too many values. Split it into several files.` }
    case 'aliases':
      return { ok: false, message: `“${name}” has more than ${YAML_LIMITS.aliases} aliases (*name).` }
    default:
      return limit satisfies never
  }
}

/** An alias inside an anchor multiplies depth and size. */
function expanded(value: unknown, name: string): Parsed {
  const open: { value: unknown; depth: number }[] = [{ value, depth: 0 }]
  let values = 0
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (typeof one.value !== 'object' || one.value === null) continue
    if (one.depth >= DEEPEST) return tooMuch(name, 'depth')
    for (const inner of Object.values(one.value)) {
      if (++values > MOST_VALUES) return tooMuch(name, 'values')
      open.push({ value: inner, depth: one.depth + 1 })
    }
  }
  return { ok: true, value }
}

/** A plain object's own member: never one that every object has. */
export function member(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined

export const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null
/** A count or an amount that is stored as an integer. */
export const wholeOf = (value: unknown): number | null => {
  const number = numberOf(value)
  return number === null || Math.abs(number) > Number.MAX_SAFE_INTEGER ? null : Math.round(number)
}
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

import { parseDocument } from 'yaml'

export type Parsed = { ok: true; value: unknown } | { ok: false; message: string }

/** Deeper than this no file of cases or results is: what is would overflow whoever walks it. */
const DEEPEST = 60
/** YAML's aliases that may be resolved in all: a few lines of them can stand for gigabytes. */
const MOST_ALIASES = 100
/** YAML is parsed with positions for every node: hundreds of times its size in memory. */
const YAML_CHARACTERS = 8_000_000

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
  try {
    return shallow(JSON.parse(text), name)
  } catch (error) {
    return { ok: false, message: `“${name}” is not valid JSON: ${error instanceof Error ? error.message : 'damaged'}` }
  }
}

/** YAML 1.2 with merge keys, as js-yaml reads it; JSON is YAML too. */
export function parseYaml(text: string, name: string): Parsed {
  if (text.length > YAML_CHARACTERS) return { ok: false, message: `“${name}” is too large for YAML; save it as JSON.` }
  try {
    const document = parseDocument(text, { merge: true, uniqueKeys: true, logLevel: 'silent' })
    const [error] = document.errors
    if (error) return { ok: false, message: `“${name}” is not valid YAML: ${error.message.split('\n', 1)[0]}` }
    return shallow(document.toJS({ maxAliasCount: MOST_ALIASES }), name)
  } catch (error) {
    return { ok: false, message: `“${name}” is not valid YAML: ${error instanceof Error ? error.message : 'damaged'}` }
  }
}

function shallow(value: unknown, name: string): Parsed {
  const open: { value: unknown; depth: number }[] = [{ value, depth: 0 }]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (typeof one.value !== 'object' || one.value === null) continue
    if (one.depth >= DEEPEST) return { ok: false, message: `“${name}” is nested more than ${DEEPEST} levels deep.` }
    for (const inner of Object.values(one.value)) open.push({ value: inner, depth: one.depth + 1 })
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

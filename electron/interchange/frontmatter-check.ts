import { parseSkillMd } from '../../shared/domain/skill-parse.ts'

/** More than any real frontmatter has; keeps a huge file from being decoded for nothing. Bytes. */
const LONGEST = 256 * 1024
/** Where the quick look gives up. Bytes. */
const QUICK = 8 * 1024

/**
 * Says what is wrong with the YAML between the first `---` lines of a SKILL.md; undefined when it is valid or there is
 * none. Used to tell people what they import; whether the fields are right is for the validator.
 */
export function frontmatterProblem(bytes: Uint8Array): string | undefined {
  if (isPlainlyValid(bytes)) return undefined
  const error = parseSkillMd(start(bytes, LONGEST)).yamlError
  return error && `line ${error.line}: ${error.message}`
}

const start = (bytes: Uint8Array, length: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, length)).toString('utf8')

/** A line that starts a field; the rest is its value. */
const FIELD = /^([A-Za-z][\w-]*):(?: (.*))?$/
/**
 * One line that no YAML reader can take for anything else: plain text without `: ` or ` #`, text in quotes without rare
 * escapes, a list of words, or the header of a block of indented lines (YAML 1.2, 7.3 and 8.1).
 */
const PLAIN = /^[^-?:,[\]{}#&*!|>'"%@`=~\s](?:[^:#]|:(?=\S)|(?<=\S)#)*$/
const FLOW = /^\[(?:[\w<>|/.-]*[\w>/](?:, |(?=\])))*\]$/
const QUOTED = /^(?:"(?:[^"\\]|\\["\\nt])*"|'(?:[^']|'')*')$/
const BLOCK = /^[|>][-+]?$/

/**
 * True when the frontmatter is made of such lines only, as in most files. Telling these apart is many times cheaper than
 * parsing, which counts when a repository brings hundreds of skills. False says nothing.
 */
export function isPlainlyValid(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x2d) return false
  const lines = start(bytes, QUICK).split('\n')
  const keys = new Set<string>()
  let inBlock = false
  let indent: number | undefined
  for (const [index, raw] of lines.entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (line === '---') {
      if (index > 0) return true
      continue
    }
    if (index === 0 || line.includes('\t')) return false
    if (line === '') continue
    if (line.startsWith(' ')) {
      const depth = line.search(/[^ ]/)
      indent ??= depth
      if (!inBlock || depth === -1 || depth < indent) return false
      continue
    }
    const [, key, value] = FIELD.exec(line) ?? []
    if (key === undefined || value === undefined || keys.has(key)) return false
    inBlock = BLOCK.test(value)
    if (!inBlock && !PLAIN.test(value) && !QUOTED.test(value) && !FLOW.test(value)) return false
    indent = undefined
    keys.add(key)
  }
  return false
}

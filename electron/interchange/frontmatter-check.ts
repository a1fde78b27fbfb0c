import { parseSkillMd } from '../../shared/domain/skill-parse.ts'

/** More than any real frontmatter has; keeps a huge file from being decoded for nothing. Bytes. */
const LONGEST = 256 * 1024

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

/** A plain scalar (YAML 1.2, 7.3.3) that no reader can take for anything else: no `: `, no ` #`, no quotes. */
const PLAIN_FIELD = /^([A-Za-z][\w-]*): [A-Za-z0-9(](?:[^:#"]|:(?=\S)|(?<=\S)#)*$/

/**
 * True when every line of the frontmatter is `key: plain text`, as in most files. Telling these apart is many times
 * cheaper than parsing, which counts when a repository brings thousands of versions. False says nothing.
 */
export function isPlainlyValid(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x2d) return false
  const lines = start(bytes, 8192).split('\n')
  const keys = new Set<string>()
  for (const [index, line] of lines.entries()) {
    const plain = line.endsWith('\r') ? line.slice(0, -1) : line
    if (plain === '---' && index > 0) return true
    if (plain === '---' || plain === '') continue
    const key = PLAIN_FIELD.exec(plain)?.[1]
    if (key === undefined || index === 0 || keys.has(key)) return false
    keys.add(key)
  }
  return false
}

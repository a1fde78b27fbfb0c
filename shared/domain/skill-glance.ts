/** A line that starts a field; the rest is its value. */
const FIELD = /^([A-Za-z][\w-]*):(?: (.*))?$/
/**
 * One line that no YAML reader can take for anything else: plain text without `: ` or ` #`, text in quotes without rare
 * escapes, or the header of a block of indented lines (YAML 1.2, 7.3 and 8.1).
 */
const PLAIN = /^[A-Za-z0-9(](?:[^:#]|:(?=\S)|(?<=\S)#)*$/
const DOUBLE = /^"((?:[^"\\]|\\["\\nt])*)"$/
const SINGLE = /^'((?:[^']|'')*)'$/
const BLOCK = /^[|>]-?$/
/** Plain text that YAML reads as something else than text. */
const NOT_TEXT = /^(?:true|false|null|yes|no|on|off|[\d.+-].*)$/i

/** A field's text; undefined where it is not text, or a block that only a parser can say the meaning of. */
export type Glance = Map<string, string | undefined>

/**
 * The top-level fields of a SKILL.md whose frontmatter is made of such lines only, as in most files; undefined says
 * nothing, and the parser has to be asked. Many times cheaper than parsing, which counts when a repository brings
 * thousands of versions. A test holds it to the parser over all real files.
 *
 * @param head the file's start as text; frontmatter that does not end in it is not looked at.
 */
export function glanceAtFields(head: string): Glance | undefined {
  const fields: Glance = new Map()
  let block: Block | undefined
  let at = 0
  const close = () => {
    if (block) fields.set(block.key, textOfBlock(block))
    block = undefined
  }
  for (let index = 0; at < head.length; index++) {
    const end = head.indexOf('\n', at)
    if (end === -1) return undefined
    const line = head.slice(at, head[end - 1] === '\r' ? end - 1 : end)
    at = end + 1
    if (line === '---') {
      if (index === 0) continue
      close()
      return fields
    }
    if (index === 0 || line.includes('\t')) return undefined
    if (line === '') block?.lines.push('')
    else if (line.startsWith(' ')) {
      const depth = line.search(/[^ ]/)
      if (!block || depth === -1) return undefined
      block.indent ??= depth
      if (depth < block.indent) return undefined
      block.lines.push(line.slice(block.indent))
    } else {
      close()
      const [, key, value] = FIELD.exec(line) ?? []
      if (key === undefined || value === undefined || fields.has(key)) return undefined
      // Held from here on, so that a second field of that name is seen.
      fields.set(key, undefined)
      if (BLOCK.test(value)) block = { key, header: value, indent: undefined, lines: [] }
      else {
        const text = textOf(value)
        if (text === undefined) return undefined
        fields.set(key, text.value)
      }
    }
  }
  return undefined
}

type Block = { key: string; header: string; indent: number | undefined; lines: string[] }

/** YAML 1.2, 8.1.2 and 8.1.3: kept lines, or folded ones where none is indented further; without the last line break. */
function textOfBlock({ header, lines }: Block): string | undefined {
  while (lines.at(-1) === '') lines.pop()
  if (lines.length === 0 || lines[0] === '') return undefined
  if (header.startsWith('|')) return lines.join('\n')
  if (lines.some(line => line.startsWith(' '))) return undefined
  return lines.join('\n').replace(/(\n+)/g, breaks => (breaks === '\n' ? ' ' : breaks.slice(1)))
}

const ESCAPES: Record<string, string> = { '\\"': '"', '\\\\': '\\', '\\n': '\n', '\\t': '\t' }

function textOf(value: string): { value: string | undefined } | undefined {
  if (PLAIN.test(value)) return { value: NOT_TEXT.test(value.trim()) ? undefined : value.trimEnd() }
  const double = DOUBLE.exec(value)?.[1]
  if (double !== undefined) return { value: double.replace(/\\["\\nt]/g, code => ESCAPES[code] ?? code) }
  const single = SINGLE.exec(value)?.[1]
  return single === undefined ? undefined : { value: single.replaceAll("''", "'") }
}

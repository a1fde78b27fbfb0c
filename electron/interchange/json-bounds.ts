export type JsonLimits = {
  /** UTF-16 units. */
  characters: number
  /** Objects and arrays inside each other. */
  depth: number
  /** Members and items in all. */
  values: number
}

/**
 * Which limit a JSON text exceeds, told from its brackets and commas before it is parsed: the parser recurses, and a few megabytes of
 * `[],` become hundreds in memory. Linear. What is no JSON is left to the parser.
 */
export function jsonExcess(text: string, limits: JsonLimits): keyof JsonLimits | undefined {
  if (text.length > limits.characters) return 'characters'
  let depth = 0
  let values = 1
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quoted) {
      if (code === BACKSLASH) at += 1
      else if (code === QUOTE) quoted = false
    } else if (code === QUOTE) quoted = true
    else if (code === COMMA) values += 1
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1
      values += 1
      if (depth > limits.depth) return 'depth'
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1
    if (values > limits.values) return 'values'
  }
  return undefined
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d]

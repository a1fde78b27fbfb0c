/**
 * JSON columns: what they may hold, said once for zod and for SQL, and how they are read with tolerance. A library may hold
 * rows that were written before these rules, so a reader never throws.
 */
export type JsonRule = { null?: true } & (
  | { is: 'text' }
  | { is: 'number'; least: number; most: number; whole?: true }
  /** Each item fits one of `of`. */
  | { is: 'list'; most: number; of: readonly JsonRule[] }
  /** Other fields are allowed: a newer app may write them. */
  | { is: 'object'; fields: Readonly<Record<string, JsonRule & { needed?: true }>> }
)

/** How deep arrays and objects may lie within one another. JSON Schemas in assertions reach about 20. */
export const JSON_DEPTH = 64

/** Whether JSON text nests deeper than `most`, without parsing it: one pass, no recursion. */
export function isDeeper(text: string, most: number): boolean {
  if (text.length <= 2 * most) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at)
        break
      case OPEN_LIST:
      case OPEN_OBJECT:
        if (++depth > most) return true
        break
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth--
        break
    }
  }
  return false
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === QUOTE) return at
  }
  return text.length
}

/** Undefined where it is no JSON, or nests too deep to be handled safely. */
export function parseJson(text: string): unknown {
  if (isDeeper(text, JSON_DEPTH)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The texts of a stored list; whatever else is in it is left out. */
export function readTexts(text: string): string[] {
  if (text === '[]') return []
  const list = parseJson(text)
  return Array.isArray(list) ? list.filter(one => typeof one === 'string') : []
}

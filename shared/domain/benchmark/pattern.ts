/**
 * Which regular expressions are compiled at all. Compiling recurses with the nesting of groups, and one of 100 kB ends the process that
 * does it, not the thread; no pattern that a person wrote comes near these limits.
 */
export const PATTERN_LIMITS = { characters: 2_000, depth: 50 } as const

/** Why a pattern is not compiled, as the end of a sentence; undefined where it may be. Whether it is valid is the compiler's to say. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > PATTERN_LIMITS.characters) return `it is longer than ${PATTERN_LIMITS.characters} characters.`
  let depth = 0
  let inClass = false
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]
    if (char === '\\') at += 1
    else if (inClass) inClass = char !== ']'
    else if (char === '[') inClass = true
    else if (char === ')') depth = Math.max(0, depth - 1)
    else if (char === '(' && ++depth > PATTERN_LIMITS.depth)
      return `its groups are nested more than ${PATTERN_LIMITS.depth} deep.`
  }
  return undefined
}

/** What a JSON schema may be before it is compiled: code is made of it, and its patterns are compiled with it. */
export const SCHEMA_LIMITS = { characters: 100_000, depth: 60, values: 5_000 } as const

/** As `patternProblem`, of a schema as JSON. */
export function schemaProblem(schema: unknown): string | undefined {
  let values = 0
  let characters = 0
  const open: { value: unknown; key: string; depth: number }[] = [{ value: schema, key: '', depth: 0 }]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { value, key, depth } = one
    characters += key.length + (typeof value === 'string' ? value.length : 4)
    if (++values > SCHEMA_LIMITS.values || characters > SCHEMA_LIMITS.characters) return 'it is too large.'
    if (key === 'pattern' && typeof value === 'string') {
      const problem = patternProblem(value)
      if (problem) return `of a pattern in it: ${problem}`
    }
    if (typeof value !== 'object' || value === null) continue
    if (depth >= SCHEMA_LIMITS.depth) return `it is nested more than ${SCHEMA_LIMITS.depth} levels deep.`
    if (key === 'patternProperties')
      for (const pattern of Object.keys(value)) {
        const problem = patternProblem(pattern)
        if (problem) return `of a pattern in it: ${problem}`
      }
    for (const [name, inner] of Object.entries(value)) open.push({ value: inner, key: name, depth: depth + 1 })
  }
  return undefined
}

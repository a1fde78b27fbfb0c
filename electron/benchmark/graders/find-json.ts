/** At most so much is tried: a text of nothing but brackets would take for ever. */
const MOST_STARTS = 500
const MOST_CHARACTERS = 4_000_000

/** The output as JSON, whole; undefined where it is not. */
export function wholeJson(output: string): string | undefined {
  const text = output.trim()
  return isJson(text) ? text : undefined
}

/** The first part of a text that is a JSON object or array, as models give it: fenced, or between sentences. */
export function jsonWithin(output: string): string | undefined {
  const whole = wholeJson(output)
  if (whole !== undefined) return whole
  let scanned = 0
  let starts = 0
  for (let at = nextStart(output, 0); at !== -1; at = nextStart(output, at + 1)) {
    if (++starts > MOST_STARTS || scanned > MOST_CHARACTERS) return undefined
    const end = balancedEnd(output, at)
    scanned += (end === -1 ? output.length : end) - at
    if (end === -1) continue
    const text = output.slice(at, end)
    if (isJson(text)) return text
  }
  return undefined
}

const nextStart = (text: string, from: number): number => {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x7b || code === 0x5b) return at
  }
  return -1
}

/** After the bracket that closes the one at `start`; −1 where none does. */
function balancedEnd(text: string, start: number): number {
  let depth = 0
  let inString = false
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (inString) {
      if (char === '\\') at++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{' || char === '[') depth++
    else if ((char === '}' || char === ']') && --depth === 0) return at + 1
  }
  return -1
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

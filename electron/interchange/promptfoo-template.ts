import { textOf } from './parse-text.ts'

const RAW = '{% raw %}'
const END_RAW = '{% endraw %}'

/** Marks text whose braces are no template, for a nunjucks that fills it in. */
export const raw = (text: string): string =>
  /\{[{%#]/.test(text) || text.startsWith('file://') ? `${RAW}${text}${END_RAW}` : text

/** A variable's value: promptfoo fills none of it in, but would open what looks like a file. */
export const rawValue = (text: string): string =>
  text.startsWith('file://') || unraw(text) !== text ? `${RAW}${text}${END_RAW}` : text

export const unraw = (text: string): string =>
  text.startsWith(RAW) && text.endsWith(END_RAW) ? text.slice(RAW.length, -END_RAW.length) : text

/**
 * Fills `{{ name }}` and `{{ name.member }}` of a nunjucks template; a whole raw block is taken as it stands. `left`: what a
 * template engine would do more (filters, conditions, unknown names), each once, still in the text.
 */
export function fillTemplate(text: string, vars: ReadonlyMap<string, unknown>): { text: string; left: string[] } {
  if (unraw(text) !== text) return { text: unraw(text), left: [] }
  const left = new Set<string>()
  const filled = text.replace(/\{\{-?\s*([\w$]+(?:\.[\w$]+)*)\s*-?\}\}/g, (whole, path: string) => {
    const value = lookUp(vars, path.split('.'))
    return value === undefined ? whole : (textOf(value) ?? JSON.stringify(value))
  })
  // Only what the template itself says counts: a value may have braces of its own.
  for (const [whole, path] of text.matchAll(/\{\{-?\s*([^}]*?)\s*-?\}\}|\{%[^%]*%\}/g))
    if (path === undefined || !/^[\w$]+(\.[\w$]+)*$/.test(path) || lookUp(vars, path.split('.')) === undefined)
      left.add(whole.slice(0, 100))
  return { text: filled, left: [...left] }
}

function lookUp(vars: ReadonlyMap<string, unknown>, [name = '', ...rest]: string[]): unknown {
  let value = vars.get(name)
  for (const key of rest) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = Reflect.get(value, key)
  }
  return value ?? undefined
}

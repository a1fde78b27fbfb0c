import { NOT_FIRST_IN_SLUGS, REFUSED_IN_SLUGS } from './slug-characters.ts'

/**
 * What a skill's slug may be: the plain name of one folder, on every system. It is joined to a path wherever a skill leaves
 * the library (export, archive, an agent's workspace), so nothing in it may lead elsewhere or look like something else.
 */

/** In code points. */
export const SLUG_CHARACTERS = 64
/** File systems take 255 bytes a name. */
export const SLUG_BYTES = 250

const classOf = (ranges: typeof REFUSED_IN_SLUGS): string =>
  ranges.map(([first, last]) => `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`).join('')

/** With what Postgres cannot even store: NUL and halves of a surrogate pair. */
const REFUSED = new RegExp(`[\\0\\p{Surrogate}${classOf(REFUSED_IN_SLUGS)}]`, 'u')
const BEGINS_WRONG = new RegExp(`^[${classOf(NOT_FIRST_IN_SLUGS)}]`, 'u')

/** Device names of Windows, with or without an extension; it takes superscript ¹²³ for digits there. */
export const RESERVED_NAME = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i

/**
 * 1–64 letters, digits or marks of any script, `.`, `_` and `-`; begins with a letter or digit, does not end with `.`, and is
 * no name that Windows keeps for devices.
 */
export function isSlug(text: string): boolean {
  if (text === '' || text.length > 2 * SLUG_CHARACTERS || REFUSED.test(text) || BEGINS_WRONG.test(text)) return false
  if ([...text].length > SLUG_CHARACTERS || utf8Bytes(text) > SLUG_BYTES) return false
  return !text.endsWith('.') && !RESERVED_NAME.test(text)
}

/** Said where a slug is refused. */
export const SLUG_RULE =
  'Use up to 64 letters, digits, “.”, “_” and “-”, starting with a letter or digit. No spaces, no device names of Windows.'

function utf8Bytes(text: string): number {
  let bytes = 0
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}

/** A folder's name, or whatever else something is called, as a slug: any folder can be imported, and its author may rename it. */
export function slugOf(name: string): string {
  const slug = name
    // More than is ever kept would only take time.
    .slice(0, 1_000)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-+$/, '')
  if (slug === '') return 'skill'
  return isSlug(slug) ? slug : `${slug}-skill`
}

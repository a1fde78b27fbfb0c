/**
 * Characters that a reader cannot see but an agent or a file system reads: controls, zero-width characters, directional marks
 * (“Trojan Source”, CVE-2021-42574), variation selectors used as a channel, and Unicode tag characters, which can carry
 * a whole hidden sentence. Not among them: the variation selector U+FE0F after an emoji and ZWJ between emoji,
 * which are ordinary text; tab and line feed.
 */
const HIDDEN =
  '\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200c\\u200e\\u200f\\u2028\\u2029\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0e\\ufeff\\uffa0\\ufff9-\\ufffc\\u{e0000}-\\u{e0fff}'

/** One hidden character, for `replace` and `match`. */
export const hiddenCharacters = (): RegExp => new RegExp(`[${HIDDEN}]`, 'gu')

/** A run of hidden characters that follow each other. */
export const hiddenRuns = (): RegExp => new RegExp(`[${HIDDEN}]+`, 'gu')

const NAMES: Record<string, string> = {
  '\r': 'carriage return',
  '\u00ad': 'soft hyphen',
  '\u200b': 'zero-width space',
  '\u200c': 'zero-width non-joiner',
  '\u200e': 'left-to-right mark',
  '\u200f': 'right-to-left mark',
  '\u202a': 'left-to-right embedding',
  '\u202b': 'right-to-left embedding',
  '\u202c': 'end of directional text',
  '\u202d': 'left-to-right override',
  '\u202e': 'right-to-left override',
  '\u2066': 'left-to-right isolate',
  '\u2067': 'right-to-left isolate',
  '\u2068': 'directional isolate',
  '\u2069': 'end of isolate',
  '\u2060': 'word joiner',
  '\ufeff': 'byte order mark',
}

/** How a hidden character is written where it must be seen: a tag character by the letter it hides, others by number. */
export function showHidden(character: string): { label: string; title: string } {
  const code = character.codePointAt(0) ?? 0
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  if (code >= 0xe0020 && code <= 0xe007e) {
    const letter = String.fromCodePoint(code - 0xe0000)
    return { label: `⟨${letter}⟩`, title: `hidden tag character for “${letter}” (${hex})` }
  }
  return { label: `⟨${hex}⟩`, title: `hidden character: ${NAMES[character] ?? hex} (${hex})` }
}

/** Of a long run no more than this is written out. */
const WRITTEN = 40

/** How a run of hidden characters is written as one: '⟨U+200B × 60⟩', '⟨hello⟩' in tag characters, '⟨60 hidden characters⟩'. */
export function showHiddenRun(run: string): { label: string; title: string } {
  const start = [...run.slice(0, WRITTEN * 2)].slice(0, WRITTEN)
  const [first = ''] = start
  if (first === run) return showHidden(run)
  const count = `${(run.length / first.length).toLocaleString('en')}`
  if (run === first.repeat(run.length / first.length)) {
    const { label, title } = showHidden(first)
    return { label: `${label.slice(0, -1)} × ${count}⟩`, title: `${count} of a ${title}` }
  }
  const written = start.map(each => showHidden(each).label.slice(1, -1))
  const more = run.length > start.join('').length ? '…' : ''
  if (start.every(each => /[\u{e0020}-\u{e007e}]/u.test(each)))
    return { label: `⟨${written.join('')}${more}⟩`, title: 'hidden text in tag characters' }
  return { label: `⟨${run.length.toLocaleString('en')} hidden characters⟩`, title: `${written.join(' ')}${more}` }
}

const ANY_HIDDEN = new RegExp(`[${HIDDEN}]`, 'u')

/**
 * ZWNJ is how Persian and some Indic words are spelled: inside a word it is shown as what it is. Only the nearest characters are
 * looked at: a text may be long.
 */
const isSpelling = (run: string, text: string, at: number): boolean =>
  run === '\u200c' &&
  /[\p{L}\p{M}]$/u.test(text.slice(Math.max(0, at - 2), at)) &&
  /^[\p{L}\p{M}]/u.test(text.slice(at + 1, at + 3))

/** A text with its hidden characters written out; a CRLF is one line break. */
export function withHiddenShown(text: string): string {
  if (!ANY_HIDDEN.test(text)) return text
  return text
    .replaceAll('\r\n', '\n')
    .replace(hiddenRuns(), (run, at: number, whole: string) =>
      isSpelling(run, whole, at) ? run : showHiddenRun(run).label,
    )
}

/** In a name a line break or a tab is as misleading as a hidden character; half of a surrogate pair is no character. */
const UNSAFE_IN_NAMES = /[\t\n\r]|\p{Surrogate}/gu

/** First strong isolate and its end: what is inside cannot reorder what is around. */
const [ISOLATE, END_ISOLATE] = ['\u2068', '\u2069']
const RTL = '[\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}]'
const RIGHT_TO_LEFT = new RegExp(RTL, 'u')
/** From the first letter to the last, with what is between them but letters of another direction and digits. */
const RIGHT_TO_LEFT_RUNS = new RegExp(`${RTL}+(?:[^\\p{L}\\p{N}\\n]*${RTL}+)*`, 'gu')

/** Keeps letters that run from right to left apart from what is around them. */
export const isolated = (text: string): string => (RIGHT_TO_LEFT.test(text) ? `${ISOLATE}${text}${END_ISOLATE}` : text)

/**
 * The same for a text that is shown in one piece and may be a sentence around a name ('Delete שלום (3)'): one of which most runs
 * from right to left is kept apart as a whole, for so it is read; in any other each run is.
 */
export function runsIsolated(text: string): string {
  if (!RIGHT_TO_LEFT.test(text)) return text
  const start = text.slice(0, MOST_COUNTED)
  const all = start.match(/[\p{L}\p{N}]/gu)?.length ?? 0
  const runningBack = start.match(new RegExp(RTL, 'gu'))?.length ?? 0
  return runningBack > all / 2
    ? isolated(text)
    : text.replace(RIGHT_TO_LEFT_RUNS, run => `${ISOLATE}${run}${END_ISOLATE}`)
}

/** The start of a text tells which way it runs. */
const MOST_COUNTED = 300

/** A name of more characters than this tells nobody more. */
const LONGEST_NAME = 500

/** A name as plain text for a sentence, a tooltip or a label: hidden characters written out, kept apart, and cut where it is very long. */
export function safeName(name: string): string {
  const cut = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name
  return isolated(withHiddenShown(cut.replace(UNSAFE_IN_NAMES, each => showHidden(each).label)))
}

import type { Extension } from '@codemirror/state'
import { highlightSpecialChars } from '@codemirror/view'

/**
 * Characters that a reader cannot see but an agent reads: controls, zero-width characters, directional marks
 * (“Trojan Source”, CVE-2021-42574), variation selectors used as a channel, and Unicode tag characters, which can carry
 * a whole hidden sentence. Not among them: the variation selector U+FE0F after an emoji and ZWJ between emoji,
 * which are ordinary text.
 */
const HIDDEN =
  '\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200c\\u200e\\u200f\\u2028\\u2029\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0e\\ufeff\\uffa0\\ufff9-\\ufffb\\u{e0000}-\\u{e0fff}'

/** One hidden character, for `replace` and `match`. */
export const hiddenCharacters = (): RegExp => new RegExp(`[${HIDDEN}]`, 'gu')

const NAMES: Record<string, string> = {
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

/** Makes them visible in an editor. */
export const visibleHidden = (): Extension =>
  highlightSpecialChars({
    addSpecialChars: new RegExp(`[${HIDDEN}]`, 'gu'),
    render: code => {
      const { label, title } = showHidden(String.fromCodePoint(code))
      const mark = document.createElement('span')
      mark.className = 'cm-specialChar'
      mark.textContent = label
      mark.title = title
      mark.setAttribute('aria-label', title)
      return mark
    },
  })

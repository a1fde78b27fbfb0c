/**
 * Words of any script, as the search index sees them (FTS5's tokenizer unicode61, https://sqlite.org/fts5.html#unicode61_tokenizer,
 * told to take marks for parts of words) and as a snippet shows them again.
 */

/**
 * Letters of the scripts that put no blanks between words, and of Korean, whose words are put together without any. Each is
 * indexed as a word of its own with the marks on it, and a word that is searched as a phrase of them: it is found wherever it
 * stands, by no dictionary's leave.
 */
const UNSPACED = [
  'Han',
  'Hira',
  'Kana',
  'Bopo',
  'Hang',
  'Yiii',
  'Thai',
  'Laoo',
  'Khmr',
  'Mymr',
  'Tibt',
  'Java',
  'Bali',
  'Lana',
  'Talu',
]
  .map(script => `\\p{scx=${script}}`)
  .join('')
const UNSPACED_LETTER = new RegExp(`(?=\\p{L})[${UNSPACED}]\\p{M}*`, 'gu')
/** Vowel points, which most texts leave away: with and without them is the same word. */
const POINTS =
  /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed]/gu
const BEYOND_LATIN =
  /[\u0590-\u06ff\u0e00-\u11ff\u1780-\u17ff\u1980-\u1aff\u1b00-\u1b7f\u2e80-\ud7ff\uf900-\ufaff\u{20000}-\u{3ffff}]/u

/** Text as it goes into the index: compatibility forms (ＰＤＦ, ｶﾅ) as what they stand for, unspaced letters apart. */
export function searchable(text: string): string {
  const plain = text.normalize('NFKC')
  if (!BEYOND_LATIN.test(plain)) return plain
  return plain.replace(POINTS, '').replace(UNSPACED_LETTER, ' $& ')
}

/** The words of a person's query: what stands between anything but letters, marks and digits. */
export const searchWords = (query: string): string[] => query.normalize('NFC').match(/[\p{L}\p{M}\p{N}\p{Co}]+/gu) ?? []

/**
 * A word as FTS5 looks it up: a phrase in quotes, which is never its syntax.
 *
 * @returns undefined where nothing of it is indexed, as of a mark alone.
 */
export function searchPhrase(word: string): string | undefined {
  const parts = searchable(word).match(/[\p{L}\p{M}\p{N}\p{Co}]+/gu)
  return parts ? `"${parts.join(' ')}"` : undefined
}

/**
 * Around the first hit, with every hit between U+E000 and U+E001 (private use, so never in a font's way). Undefined
 * where no word occurs, as when the hit was in a tag.
 *
 * @param length in UTF-16 units, of the text shown.
 */
export function snippetOf(text: string, words: readonly string[], length = 160): string | undefined {
  if (words.length === 0) return undefined
  const pattern = new RegExp(words.map(hitOf).join('|'), 'giu')
  const apart = marksApart(text)
  const first = pattern.exec(apart)
  if (first === null) return undefined
  let from = Math.max(0, first.index - Math.floor(length / 4))
  while (from > 0 && from < first.index && !/\s/.test(apart[from - 1] ?? ' ')) from++
  let to = Math.min(apart.length, from + length)
  // No character is halved, nor a mark parted from its letter.
  while (to < apart.length && /[\p{M}\udc00-\udfff]/u.test(apart.charAt(to))) to++
  const marked = apart
    .slice(from, to)
    .replace(pattern, hit => `\u{E000}${hit}\u{E001}`)
    .replace(/\s+/g, ' ')
  return `${from > 0 ? '…' : ''}${marked.trim().normalize('NFC')}${to < apart.length ? '…' : ''}`
}

/** Accents as characters of their own. Hangul stays whole: its syllables would begin like each other. */
const marksApart = (text: string): string => text.replace(/[^\x00-\x7f\p{scx=Hang}]+/gu, part => part.normalize('NFD'))

const UNSPACED_ENDS = {
  start: new RegExp(`^(?=\\p{L})[${UNSPACED}]`, 'u'),
  end: new RegExp(`(?=\\p{L})[${UNSPACED}]\\p{M}*$`, 'u'),
}

/** A word as it may stand in a text: with any accents, and to its end where words have one. */
function hitOf(word: string): string {
  const letters = [...marksApart(word)].filter(char => !/[\u0300-\u036f]/.test(char))
  const start = UNSPACED_ENDS.start.test(word) ? '' : '(?<![\\p{L}\\p{M}\\p{N}])'
  const end = UNSPACED_ENDS.end.test(word) ? '\\p{M}*' : '[\\p{L}\\p{M}\\p{N}]*'
  return `${start}${letters.map(char => `${char.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}[\\u0300-\\u036f]*`).join('')}${end}`
}

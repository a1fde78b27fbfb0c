import { expect, test } from 'vitest'
import { searchable, searchPhrase, searchWords, snippetOf } from './search-words.ts'

test('what stands unspaced is taken apart, and compatibility forms are what they stand for', () => {
  expect(searchable('PDF文件 ＰＤＦ ｶﾅ').split(/\s+/)).toEqual(['PDF', '文', '件', 'PDF', 'カ', 'ナ', ''])
  expect(searchPhrase('写作助手')).toBe('"写 作 助 手"')
  expect(searchPhrase('データ')).toBe('"デ ー タ"')
  expect(searchPhrase('กินข้าว')).toBe('"กิ น ข้ า ว"')
  expect(searchPhrase('résumé')).toBe('"résumé"')
  expect(searchable('كَتَبَ שָׁלוֹם')).toBe('كتب שלום')
})

test('words are told apart by what is no letter, mark or digit', () => {
  expect(searchWords('हिन्दी में, C++ "写作"')).toEqual(['हिन्दी', 'में', 'C', '写作'])
})

test.each([
  ['写作', '一个写作助手。', '一个\uE000写作\uE001助手。'],
  ['ภาษา', 'เขียนภาษาไทย', 'เขียน\uE000ภาษา\uE001ไทย'],
  ['회의', '팀회의록을 쓴다', '팀\uE000회의\uE001록을 쓴다'],
  ['resume', 'Your résumé, twice: re\u0301sume\u0301', 'Your \uE000résumé\uE001, twice: \uE000résumé\uE001'],
  ['zebra', 'Feed zebras', 'Feed \uE000zebras\uE001'],
  ['a.b', 'acb a.b', 'acb \uE000a.b\uE001'],
])('a snippet marks %s', (word, text, marked) => {
  expect(snippetOf(text, [word])).toBe(marked)
})

test('a long snippet halves no character', () => {
  const snippet = snippetOf(`start ${'👍🏽é'.normalize('NFD').repeat(100)}`, ['start'])
  expect(snippet?.isWellFormed()).toBe(true)
  expect(snippetOf('nothing of it', ['start'])).toBeUndefined()
})

import { describe, expect, test } from 'vitest'
import { oneLine, visible } from './visible.ts'

const HOSTILE = [
  '\u001b]52;c;cm0gLXJm\u0007',
  '\u001b[2J',
  '\u009b31m',
  '\u0090q',
  '\r',
  '\b',
  '\u007f',
  '\u202egnp.exe',
  '\u2066x\u2069',
  '\u2028',
  '\u061c',
]

describe('text of strangers in a terminal', () => {
  test.each(HOSTILE)('%j is written, not obeyed', text => {
    for (const shown of [visible(`a${text}b`), oneLine(`a${text}b`)]) {
      expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/)
      expect(JSON.parse(`"${shown}"`)).toBe(`a${text}b`)
    }
  })

  test('what is escaped in JSON stays the same JSON', () => {
    const value = { name: HOSTILE.join(''), list: ['\u0085', 'ünïcödé 🙂', '\t\n'] }
    expect(JSON.parse(visible(JSON.stringify(value, null, 2)))).toEqual(value)
  })

  test('ordinary text is left alone, and a line is not left', () => {
    expect(visible('Ärger 🙂\tvon\nhier')).toBe('Ärger 🙂\tvon\nhier')
    expect(oneLine('a\nb\tc')).toBe('a\\u000ab\\u0009c')
  })
})

import type { Assertion } from './schema.ts'

/** What one assertion says of an output, with the words it rests on. */
export type AssertionResult = { type: Assertion['type']; value: string | number; passed: boolean; evidence: string }

/** Checks an output against a case's assertions, in their order. Pure: the same text always gives the same answer. */
export const gradeOutput = (assertions: readonly Assertion[], text: string): AssertionResult[] =>
  assertions.map(assertion => ({ type: assertion.type, value: assertion.value, ...judge(assertion, text) }))

function judge(assertion: Assertion, text: string): { passed: boolean; evidence: string } {
  switch (assertion.type) {
    case 'contains': {
      const at = text.indexOf(assertion.value)
      return at === -1 ? { passed: false, evidence: 'not found' } : { passed: true, evidence: around(text, at) }
    }
    case 'not-contains': {
      const at = text.indexOf(assertion.value)
      return at === -1 ? { passed: true, evidence: 'not found' } : { passed: false, evidence: around(text, at) }
    }
    case 'matches': {
      const ignoreCase = assertion.value.startsWith('(?i)')
      const found = new RegExp(assertion.value.replace(/^\(\?i\)/, ''), ignoreCase ? 'i' : '').exec(text)
      return found ? { passed: true, evidence: around(text, found.index) } : { passed: false, evidence: 'no match' }
    }
    case 'max-words': {
      const words = text.split(/\s+/).filter(word => word !== '').length
      return { passed: words <= assertion.value, evidence: `${words} words` }
    }
    default:
      return assertion satisfies never
  }
}

const around = (text: string, at: number): string => {
  const line = text.slice(Math.max(0, at - 12), at + 36).replaceAll('\n', ' ')
  return `“${line.trim()}”`
}

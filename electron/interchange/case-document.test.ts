import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyCase, withoutKeys } from '../../test/support/any-case.ts'
import { readCases, readResults, writeCases } from './case-document.ts'
import { CASE_FORMS, type ImportedCase } from './case-forms.ts'
import { treeOfBytes } from './source-tree.ts'

const treeOf = (name: string, bytes: Uint8Array) => {
  const opened = treeOfBytes(name, bytes)
  if (!opened.ok) throw new Error(opened.message)
  return opened.tree
}
const file = fc.record({
  path: fc.constantFrom('input.csv', 'evals/files/a.pdf', 'data/b.txt'),
  bytes: fc.uint8Array({ maxLength: 3 }).map(bytes => Buffer.from(bytes)),
})
const caseWithFiles: fc.Arbitrary<ImportedCase> = fc
  .tuple(anyCase, fc.uniqueArray(file, { maxLength: 3, selector: one => one.path }))
  .map(([one, files]) => ({ ...one, files }))

const comparable = (cases: readonly ImportedCase[]) =>
  withoutKeys(cases).map(one => ({
    ...one,
    files: one.files.map(({ path, bytes }) => ({ path, hex: bytes && Buffer.from(bytes).toString('hex') })),
  }))

describe('case files', () => {
  test.each(CASE_FORMS)('with the cases’ own files, as %s: exported and imported again the same', async form => {
    await fc.assert(
      fc.asyncProperty(fc.array(caseWithFiles, { minLength: 1, maxLength: 4 }), async cases => {
        const { name, bytes } = await writeCases(form, 'some-skill', cases)
        const back = readCases(treeOf(name, bytes), undefined)
        if (!back.ok) throw new Error(back.message)
        expect(back.form).toBe(form)
        expect(comparable(back.cases)).toEqual(comparable(cases))
      }),
      { numRuns: 60 },
    )
  })

  test.each(CASE_FORMS)('lines of blanks alone stay as they are, as %s', async form => {
    const [plain] = fc.sample(anyCase, { numRuns: 1, seed: 1 })
    if (!plain) throw new Error('There is no case.')
    for (const text of [' \n', '\n \n', ' \t\n', 'a\n  \nb', '  \n\t']) {
      const cases: ImportedCase[] = [{ ...plain, assertions: [{ type: 'contains-any', values: [text] }], files: [] }]
      const { name, bytes } = await writeCases(form, 'some-skill', cases)
      const back = readCases(treeOf(name, bytes), undefined)
      expect(back.ok && comparable(back.cases)).toEqual(comparable(cases))
    }
  })

  test('a file’s form is told by its name and content', () => {
    const form = (name: string, text: string) => {
      const read = readCases(treeOf(name, Buffer.from(text)), undefined)
      return read.ok ? read.form : read.message
    }
    expect(form('my-cases.json', '{"evals": [{"prompt": "p"}]}')).toBe('skill-creator')
    expect(form('my.json', '{"prompts": ["p"]}')).toBe('promptfoo')
    expect(form('a.yml', 'prompts: [p]')).toBe('promptfoo')
    expect(form('a.tsv', 'prompt\tname\np\tn\n')).toBe('csv')
    expect(form('a.txt', 'hello')).toContain('neither')
  })

  test('results are told by what is in them', () => {
    const form = (name: string, text: string) => {
      const read = readResults(treeOf(name, Buffer.from(text)), undefined)
      return read.ok ? read.form : read.message
    }
    expect(form('benchmark.json', '{"with_skill": {"evals": [{"eval_id": 1, "pass_rate": 1}]}}')).toBe('skill-creator')
    expect(form('r.csv', 'case,score\na,1\n')).toBe('csv')
    expect(form('out.json', '{"results": {"results": [{"prompt": {"raw": "p"}}]}}')).toBe('promptfoo')
    expect(form('out.json', '{}')).toContain('no output of promptfoo')
  })
})

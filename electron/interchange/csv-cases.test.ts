import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, expect, test } from 'vitest'
import { anyCase, withoutKeys } from '../../test/support/any-case.ts'
import { readCsvCases, writeCsvCases } from './csv-cases.ts'
import { treeOfBytes } from './source-tree.ts'

const read = (text: string | Uint8Array) => {
  const opened = treeOfBytes('cases.csv', Buffer.from(text))
  if (!opened.ok) throw new Error(opened.message)
  return readCsvCases(opened.tree, 'cases.csv')
}
const reading = (text: string) => {
  const result = read(text)
  if (!result.ok) throw new Error(result.message)
  return result
}

describe('a table of cases', () => {
  test('what is exported and imported again is the same', () => {
    fc.assert(
      fc.property(fc.array(anyCase, { maxLength: 5 }), cases => {
        const back = reading(writeCsvCases(cases))
        expect(withoutKeys(back.cases)).toEqual(withoutKeys(cases))
        expect(back.remarks.filter(remark => !remark.message.includes('not graded here'))).toEqual([])
      }),
    )
  })

  test('no cell is a formula in a spreadsheet, numbers stay numbers, and what is imported again is the same', () => {
    const begins = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', "'=1", "''-1", "'quoted'"]
    const cases = begins.map(text => ({
      key: text,
      name: `${text} name`.trim(),
      prompt: text,
      expectedOutput: text,
      assertions: [{ type: 'equals' as const, value: text }],
      files: [],
      tags: [text.trim()],
      weight: 2,
    }))
    const written = writeCsvCases(cases)
    const rows = Papa.parse<string[]>(written).data.slice(1)
    for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/)
    expect(rows[0]?.[5]).toBe('2')
    const back = reading(written).cases
    expect(withoutKeys(back)).toEqual(withoutKeys(cases))
    expect(back.map(one => one.key)).toEqual(begins.map(text => text.trim()))
  })

  test('a table with more columns or cells than any form has is refused', () => {
    expect(read(`prompt,${'a,'.repeat(600)}\nx\n`)).toMatchObject({ ok: false })
    expect(read(`prompt\n${','.repeat(1_000_100)}`)).toMatchObject({ ok: false })
    expect(read(`prompt\n${'x\n'.repeat(100_001)}`)).toMatchObject({ ok: false })
  })

  test.each([',', ';', '\t'])('as a spreadsheet saves it, separated by “%s”', mark => {
    const rows = [
      ['Question', 'Expected Output', 'Tags', '__expected1', '__expected2', 'Owner'],
      ['What is 2 + 2?', '4', 'sums', 'contains:4', 'javascript:output > 3', 'Ada'],
      ['', '', '', '', '', ''],
      ['', 'x', '', '', '', ''],
    ]
    const { cases, remarks } = reading(`\uFEFF${rows.map(row => row.join(mark)).join('\r\n')}`)
    expect(cases).toEqual([
      {
        key: null,
        name: '1: What is 2 + 2?',
        prompt: 'What is 2 + 2?',
        expectedOutput: '4',
        assertions: [
          { type: 'contains', value: '4' },
          { type: 'unsupported', name: 'javascript', source: { type: 'javascript', value: 'output > 3' } },
        ],
        files: [],
        tags: ['sums'],
        weight: 1,
      },
    ])
    expect(remarks.map(remark => remark.path)).toEqual([
      'cases.csv: column Owner',
      'cases.csv: row 2, __expected2',
      'cases.csv: row 4',
    ])
  })

  test('no prompt, no text: refused in words', () => {
    expect(read('a,b\n1,2\n')).toMatchObject({ ok: false, message: expect.stringContaining('no column called prompt') })
    expect(read('')).toMatchObject({ ok: false })
    expect(read(Buffer.from([0xff, 0xfe, 0x61, 0]))).toMatchObject({
      ok: false,
      message: expect.stringContaining('UTF-16'),
    })
    expect(read(Buffer.from([0x61, 0xe9]))).toMatchObject({ ok: false, message: expect.stringContaining('UTF-8') })
  })
})

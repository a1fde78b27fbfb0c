import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeJUnit } from './junit.ts'
import { writeMarkdown } from './markdown.ts'
import { bestAndCheapest, outcomeOf, type ReportedResult, type ReportedRun, totalsOf } from './report.ts'

const result = (over: Partial<ReportedResult> = {}): ReportedResult => ({
  caseName: 'fills a form',
  model: 'm1',
  repeat: 1,
  quality: 100,
  matches: true,
  latencyMs: 1_500,
  costMicrocents: 20_000,
  tokens: 10,
  error: null,
  notes: null,
  output: null,
  assertions: [{ text: 'contains “a”', type: 'contains', passed: true, evidence: 'a' }],
  counts: null,
  ...over,
})
const failed = result({
  caseName: 'checks | a <b>form</b>',
  quality: 50,
  matches: false,
  costMicrocents: null,
  assertions: [
    {
      text: 'names every field',
      type: 'rubric',
      passed: false,
      evidence: 'It says “[see](https://x.example) @someone”\nand no more',
    },
    { text: 'is kind', type: 'rubric', passed: null, evidence: null },
  ],
})
const run = (over: Partial<ReportedRun> = {}): ReportedRun => ({
  skill: 'pdf-forms',
  label: 'v14',
  baseline: false,
  status: 'completed',
  createdAt: Date.UTC(2026, 9, 18, 12),
  caseSetHash: 'abc',
  models: ['m1'],
  judgeModel: null,
  priceTableDate: null,
  source: null,
  results: [
    result(),
    failed,
    result({
      caseName: 'third',
      repeat: 1,
      quality: null,
      matches: null,
      assertions: [],
      error: 'HTTP 529: overloaded',
    }),
    result({ caseName: 'fourth', quality: null, matches: null, assertions: [], costMicrocents: null, latencyMs: null }),
  ],
  ...over,
})

describe('a report', () => {
  test('what could not be judged is neither passed nor failed, and in no mean', () => {
    expect(run().results.map(outcomeOf)).toEqual(['passed', 'failed', 'error', 'unjudged'])
    expect(totalsOf(run().results)).toEqual({
      results: 4,
      passed: 1,
      failed: 1,
      error: 1,
      unjudged: 1,
      quality: 75,
      passRate: 0.5,
      costMicrocents: 40_000,
      priced: 2,
      latencyMs: 1_500,
    })
  })

  test('a model without a price is not the cheapest, one that was not judged not the best', () => {
    expect(
      bestAndCheapest([
        { model: 'free?', quality: null, costMicrocents: null },
        { model: 'a', quality: 0, costMicrocents: 300 },
        { model: 'b', quality: 40, costMicrocents: 900 },
        { model: 'b', quality: 60, costMicrocents: null },
      ]),
    ).toEqual({ bestModel: 'b', bestQuality: 50, cheapestModel: 'a', cheapestMicrocents: 300 })
    expect(bestAndCheapest([{ model: 'a', quality: null, costMicrocents: null }])).toEqual({
      bestModel: null,
      bestQuality: null,
      cheapestModel: null,
      cheapestMicrocents: null,
    })
  })

  test('as JUnit', () => {
    expect(writeJUnit([run()])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="Whetstone benchmarks" tests="4" failures="1" errors="1" skipped="1">
  <testsuite name="pdf-forms v14 · m1" tests="4" failures="1" errors="1" skipped="1" time="4.500" timestamp="2026-10-18T12:00:00">
    <properties>
      <property name="status" value="completed"/>
      <property name="case set" value="abc"/>
      <property name="quality" value="75.0"/>
      <property name="pass rate" value="0.500"/>
    </properties>
    <testcase name="fills a form" classname="pdf-forms.v14" time="1.500"/>
    <testcase name="checks | a &lt;b&gt;form&lt;/b&gt;" classname="pdf-forms.v14" time="1.500">
      <failure message="names every field">names every field
  It says “[see](https://x.example) @someone”
and no more</failure>
    </testcase>
    <testcase name="third" classname="pdf-forms.v14" time="1.500">
      <error message="HTTP 529: overloaded">HTTP 529: overloaded</error>
    </testcase>
    <testcase name="fourth" classname="pdf-forms.v14">
      <skipped message="It could not be judged."/>
    </testcase>
  </testsuite>
</testsuites>
`)
  })

  test('no text leaves its place in the XML, whatever a model says', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom('"', ']]>', '</failure>', '\u0000', '\ud800', '<!--'),
        (text, nasty) => {
          const words = `${text}${nasty}`
          const xml = writeJUnit([
            run({ results: [result({ caseName: words, output: words, matches: false, error: words })] }),
          ])
          const texts = xml.replace(
            /<\/?(testsuites?|testcase|properties|property|error|system-out|failure|skipped)( [\w]+="[^"<>]*")*\/?>/g,
            '',
          )
          expect(texts.replace('<?xml version="1.0" encoding="UTF-8"?>', '')).not.toMatch(
            /[<>"']|&(?!(amp|lt|gt|quot|apos);)/,
          )
          expect(xml).toMatch(/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u)
        },
      ),
    )
  })

  test('as Markdown: what it comes to, case by case, and what failed; nobody’s words become markup', () => {
    const other = run({
      label: 'no skill',
      baseline: true,
      caseSetHash: 'other',
      source: 'skill-creator, iteration-7',
      results: [result(), result({ repeat: 2, matches: false, quality: 0, assertions: [] })],
    })
    const text = writeMarkdown([run(), other])
    expect(text).toContain('| pdf-forms v14 | m1 | 75.0 | 50.0% | 1 | 1 | 1 | 1 | $0.000200 | 1500 ms |')
    expect(text).toContain('- These runs had other cases or other judges: their figures are not to be subtracted.')
    expect(text).toContain('imported from skill-creator, iteration-7.')
    expect(text).toContain('| fills a form | pass 1/1 | 1 of 2 · 50 |')
    expect(text).toContain(
      '- **checks \\| a \\<b\\>form\\</b\\>** · v14 · m1\n  - names every field: It says “\\[see\\](https\\://x.example) @\u200bsomeone” and no more',
    )
    expect(text).toContain('  - error: HTTP 529: overloaded')
    expect(text).not.toMatch(/[^\\]<b>/)
  })
})

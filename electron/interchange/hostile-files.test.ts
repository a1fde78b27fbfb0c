import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { projectDir } from '../../test/support/backend.ts'
import { readCases, readResults } from './case-document.ts'
import { treeOfBytes } from './source-tree.ts'

/** Valid files to begin with, so that what is broken lies deep inside. */
const SEEDS: { name: string; text: string }[] = [
  {
    name: 'evals.json',
    text: JSON.stringify({
      skill_name: 's',
      evals: [
        {
          id: 1,
          prompt: 'p',
          expected_output: 'e',
          files: ['a'],
          expectations: ['x'],
          whetstone: { tags: ['t'], weight: 2, assertions: { 0: { type: 'rubric', value: 'x' } } },
        },
      ],
    }),
  },
  {
    name: 'config.json',
    text: JSON.stringify({
      prompts: ['{{a}}', { raw: 'b' }],
      defaultTest: { assert: [{ type: 'is-json' }] },
      tests: [
        {
          vars: { a: ['x', 'y'] },
          assert: [{ type: 'contains', value: 'x', threshold: 1 }],
          metadata: { whetstone: { files: ['a'] } },
        },
      ],
    }),
  },
  {
    name: 'config.yaml',
    text: 'prompts: &p ["{{a}}"]\ntests:\n  - vars: {a: *p}\n    assert: [{type: regex, value: "a+"}]\n',
  },
  { name: 'cases.csv', text: 'prompt,name,__expected,weight,files,tags\n"a,b",n,"similar(0.8):x",2,"[""a""]",t\n' },
  {
    name: 'benchmark.json',
    text: JSON.stringify({
      iteration: 1,
      timestamp: '2026-01-01',
      metadata: { executor_model: 'm' },
      runs: [
        {
          eval_id: 1,
          configuration: 'with_skill',
          run_number: 1,
          result: { pass_rate: 1, passed: 1, total: 1, time_seconds: 2 },
          expectations: [{ text: 't', passed: true, evidence: 'e' }],
        },
      ],
    }),
  },
  { name: 'results.csv', text: 'case,score,passed,cost,date\na,90,true,0.1,2026-01-01\n' },
]
const fixture = JSON.parse(
  fs.readFileSync(path.join(projectDir, 'test', 'fixtures', 'promptfoo', 'results.json'), 'utf8'),
)
fixture.results.results.length = 2
SEEDS.push({ name: 'results.json', text: JSON.stringify(fixture) })

const change = fc.oneof(
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(20_000) }),
  fc.record({
    kind: fc.constant('put' as const),
    at: fc.nat(20_000),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 6 }),
  }),
  fc.record({
    kind: fc.constant('swap' as const),
    from: fc.constantFrom('"', '[', '{', ':', '1', 'true', 'type', 'value', 'prompt', ',', '\n', 'null'),
    to: fc.constantFrom(
      '',
      '"',
      '[]',
      '{}',
      'null',
      '-1e999',
      '"__proto__"',
      '*p',
      '\u0000',
      '"../x"',
      '[[',
      'file:///etc/passwd',
    ),
    times: fc.integer({ min: 1, max: 3 }),
  }),
)

function broken(text: string, changes: readonly (typeof change extends fc.Arbitrary<infer T> ? T : never)[]): Buffer {
  let bytes = Buffer.from(text)
  for (const one of changes) {
    if (one.kind === 'cut') bytes = bytes.subarray(0, one.at % (bytes.length + 1))
    else if (one.kind === 'put') {
      const at = one.at % (bytes.length + 1)
      bytes = Buffer.concat([bytes.subarray(0, at), one.bytes, bytes.subarray(at)])
    } else {
      let now = bytes.toString('latin1')
      for (let n = 0; n < one.times; n++) now = now.replace(one.from, one.to)
      bytes = Buffer.from(now, 'latin1')
    }
  }
  return bytes
}

describe('files from anywhere', () => {
  test.each(SEEDS)('$name, broken in any way, is read or refused in words, and never throws', ({ name, text }) => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), changes => {
        const opened = treeOfBytes(name, broken(text, changes))
        if (!opened.ok) return expect(opened.message).not.toBe('')
        for (const read of [readCases(opened.tree, undefined), readResults(opened.tree, undefined)]) {
          if (!read.ok) expect(read.message.length).toBeGreaterThan(10)
          else
            for (const file of 'cases' in read ? read.cases.flatMap(one => one.files) : [])
              expect(file.path).not.toMatch(/(^|\/)\.\.(\/|$)|^\//)
        }
        expect(Object.keys(Object.prototype)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})

import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anyCase, withoutKeys } from '../../test/support/any-case.ts'
import { temporaryFolder } from '../../test/support/backend.ts'
import { readPromptfoo, writePromptfoo } from './promptfoo-cases.ts'
import { treeOfBytes, treeOfPath } from './source-tree.ts'

const NAME = 'promptfooconfig.yaml'
const read = (text: string, name = NAME) => {
  const opened = treeOfBytes(name, Buffer.from(text))
  if (!opened.ok) throw new Error(opened.message)
  return readPromptfoo(opened.tree, name)
}
const reading = (text: string) => {
  const result = read(text)
  if (!result.ok) throw new Error(result.message)
  return result
}

describe('promptfoo’s configuration', () => {
  test('what is exported and imported again is the same', () => {
    fc.assert(
      fc.property(fc.array(anyCase, { minLength: 1, maxLength: 5 }), cases => {
        const back = reading(writePromptfoo('some-skill', cases))
        expect(withoutKeys(back.cases)).toEqual(withoutKeys(cases))
        const left = back.remarks.filter(remark => !remark.message.includes('not graded here'))
        expect(left.map(remark => remark.path)).toEqual([`${NAME}: providers`])
      }),
    )
  })

  test('prompts × tests × listed variables, with defaults and templates filled in', () => {
    const { cases, remarks } = reading(`
prompts:
  - 'Say {{word}} to {{person.name}}'
  - {id: p2, label: polite, raw: 'Please say {{ word }} to {{person.name}}'}
defaultTest:
  vars: {person: {name: Ada}}
  assert: [{type: icontains, value: SAY}]
assertionTemplates:
  short: {type: word-count, value: {max: 9}}
tests:
  - description: greets
    vars: {word: [hello, good day]}
    assert:
      - {type: contains, value: '{{word}}'}
      - {type: not-contains, value: bye}
      - {$ref: '#/assertionTemplates/short'}
`)
    expect(remarks).toEqual([])
    expect(cases.map(one => [one.name, one.prompt])).toEqual([
      ['greets (hello) · Say {{word}} to {{person.name}}', 'Say hello to Ada'],
      ['greets (good day) · Say {{word}} to {{person.name}}', 'Say good day to Ada'],
      ['greets (hello) · polite', 'Please say hello to Ada'],
      ['greets (good day) · polite', 'Please say good day to Ada'],
    ])
    expect(cases[1]?.assertions).toEqual([
      { type: 'contains', value: 'SAY', ignoreCase: true },
      { type: 'contains', value: 'good day' },
      { type: 'contains', value: 'bye', not: true },
      { type: 'length', unit: 'words', max: 9 },
    ])
  })

  test('every understood type of assertion', () => {
    const { cases, remarks } = reading(`
prompts: [p]
tests:
  - assert:
      - {type: equals, value: 7, weight: 3}
      - {type: equals, value: {a: 1}}
      - {type: contains-any, value: [a, b]}
      - {type: icontains-all, value: 'a, b'}
      - {type: starts-with, value: a}
      - {type: regex, value: '^a+'}
      - {type: is-json}
      - {type: contains-json, value: {type: object}}
      - {type: not-similar, value: a, threshold: 0.9}
      - {type: llm-rubric, value: is kind}
      - {type: latency, threshold: 500}
      - {type: cost, threshold: 0.0001}
      - {type: not-is-json}
`)
    expect(remarks).toEqual([])
    expect(cases[0]?.assertions).toEqual([
      { type: 'equals', value: '7', weight: 3 },
      { type: 'json', where: 'whole', schema: { const: { a: 1 } } },
      { type: 'contains-any', values: ['a', 'b'] },
      { type: 'contains-all', values: ['a', 'b'], ignoreCase: true },
      { type: 'starts-with', value: 'a' },
      { type: 'regex', value: '^a+' },
      { type: 'json', where: 'whole' },
      { type: 'json', where: 'within', schema: { type: 'object' } },
      { type: 'similar', value: 'a', threshold: 0.9, not: true },
      { type: 'rubric', value: 'is kind' },
      { type: 'latency', maxMs: 500 },
      { type: 'cost', maxMicrocents: 10_000 },
      { type: 'json', where: 'whole', not: true },
    ])
  })

  test('what is not understood is listed with its path, and scripts are kept and not run', () => {
    const { cases, remarks } = reading(`
prompts: ['{{x | upper}} {% if y %}z{% endif %}', 'file://prompt.py', {}]
providers: [echo]
scenarios: []
tests:
  - vars: {x: a}
    threshold: 0.5
    options: {transform: output.trim()}
    assert:
      - {type: javascript, value: 'process.exit(1)'}
      - {type: contains, value: a, transform: output.trim()}
      - {type: contains, value: a, metric: tone}
      - {type: regex, value: '('}
      - {type: latency}
      - 7
  - file://more.xlsx
  - 7
`)
    expect(remarks.map(remark => remark.path)).toEqual([
      'promptfooconfig.yaml: providers',
      'promptfooconfig.yaml: scenarios',
      'promptfooconfig.yaml: tests[0].threshold',
      'promptfooconfig.yaml: tests[0].options',
      'promptfooconfig.yaml: tests[1]',
      'promptfooconfig.yaml: tests[2]',
      'promptfooconfig.yaml: prompts[1]',
      'promptfooconfig.yaml: prompts[2]',
      'promptfooconfig.yaml: prompts[0]',
      'promptfooconfig.yaml: prompts[0]',
      'promptfooconfig.yaml: prompts[0]',
      ...[0, 1, 2, 3, 4, 5].map(n => `promptfooconfig.yaml: tests[0].assert[${n}]`),
    ])
    expect(cases).toHaveLength(1)
    expect(cases[0]?.prompt).toBe('{{x | upper}} {% if y %}z{% endif %}')
    expect(cases[0]?.assertions).toMatchObject([
      { type: 'unsupported', name: 'javascript', source: { value: 'process.exit(1)' } },
      { type: 'unsupported', name: 'contains', source: { transform: 'output.trim()' } },
      { type: 'contains', value: 'a' },
      { type: 'unsupported', name: 'regex' },
      { type: 'unsupported', name: 'latency' },
    ])
    expect(writePromptfoo('s', cases)).toContain('process.exit(1)')
  })

  test.each([
    [
      'a bomb of anchors',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((name, n) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[n]}`).join(',')}]`).join('\n')}\ntests: *h\n`,
      'alias',
    ],
    ['an anchor that holds itself', 'tests: &a [*a]', 'levels deep'],
    ['damaged YAML', 'tests: [', 'valid YAML'],
    ['a key twice', 'tests: []\ntests: []', 'valid YAML'],
    ['neither prompts nor tests', 'a: 1', 'neither prompts nor tests'],
    ['only hostile keys', '__proto__: {prompts: [a]}', 'neither prompts nor tests'],
    [
      'too many combinations',
      `prompts: [p]\ntests: [{vars: {${['a', 'b', 'c', 'd'].map(name => `${name}: [${Array(9).fill(1)}]`).join(', ')}}}]`,
      'more than 2000 cases',
    ],
    ['endless nesting', `tests: ${'['.repeat(500)}${']'.repeat(500)}`, 'levels deep'],
  ])('%s is refused in words', (_, text, message) => {
    expect(read(text)).toMatchObject({ ok: false, message: expect.stringContaining(message) })
  })

  test('hostile names of variables reach no prototype', () => {
    const { cases } = reading(`
prompts: ['{{constructor}} {{__proto__.polluted}} {{a.constructor}}']
tests: [{vars: {__proto__: {polluted: yes}, a: {b: 1}}}]
`)
    expect(cases[0]?.prompt).toBe('{{constructor}} yes {{a.constructor}}')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  describe('with files beside it', () => {
    let folder: string
    const put = (name: string, text: string) => {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
      fs.writeFileSync(path.join(folder, name), text)
    }
    beforeAll(() => {
      folder = temporaryFolder()
    })
    afterAll(() => fs.rmSync(folder, { recursive: true }))

    test('prompts, tests and values from files, none from outside', () => {
      put('secret.txt', 'secret')
      put('in/prompts/two.txt', 'One {{q}}\n---\nTwo {{q}}\n')
      put(
        'in/tests.csv',
        'q,__expected,__expected2,__description,__metric\nhi,icontains:one,"similar(0.8):hello, you",greets,m\n',
      )
      put('in/more.yaml', '- vars: {q: there}\n  assert: [{type: equals, value: file://expected.txt}]\n')
      put('in/expected.txt', 'expected')
      put(
        'in/config.yaml',
        'prompts: [prompts/two.txt, file://../secret.txt]\ntests: [file://tests.csv, file://more.yaml, file:///etc/passwd.csv, {vars: {q: file://expected.txt}}]\n',
      )
      const opened = treeOfPath(path.join(folder, 'in', 'config.yaml'))
      const result = opened.ok && opened.tree.main ? readPromptfoo(opened.tree, opened.tree.main) : undefined
      if (!result?.ok) throw new Error('not read')
      expect(result.cases.map(one => one.prompt)).toEqual([
        'One hi',
        'Two hi',
        'One there',
        'Two there',
        'One expected',
        'Two expected',
      ])
      expect(result.cases[0]?.assertions).toEqual([
        { type: 'contains', value: 'one', ignoreCase: true },
        { type: 'similar', value: 'hello, you', threshold: 0.8 },
      ])
      expect(result.cases[2]?.assertions).toEqual([{ type: 'equals', value: 'expected' }])
      expect(JSON.stringify(result.cases)).not.toContain('secret')
      expect(result.remarks.map(remark => remark.path)).toEqual([
        'file://tests.csv: row 2, __metric',
        'config.yaml: file:///etc/passwd.csv',
        'config.yaml: file://../secret.txt',
      ])
    })
  })
})

import { expect, test } from 'vitest'
import { historiesMissing, readSkillHistories } from '../../test/support/skill-histories.ts'
import { glanceAtFields } from './skill-glance.ts'
import { parseSkillMd } from './skill-md.ts'

const file = (...lines: string[]) => ['---', ...lines, '---', '', 'body: no'].join('\n')

test.each([
  ['name: a', 'a'],
  ['name: "a \\"b\\""', 'a "b"'],
  ["name: 'it''s'", "it's"],
  ['name: a:b c#d', 'a:b c#d'],
  ['name: a  ', 'a'],
  ['name: |\n  a\n   b\n\n  c\n\n', 'a\n b\n\nc'],
  ['name: >-\n  a\n  b\n\n\n  c', 'a b\n\nc'],
  ['name: >\n    a\n    b\ndescription: x', 'a b'],
])('%s', (line, value) => {
  expect(glanceAtFields(file(line))?.get('name')).toBe(value)
  expect(parseSkillMd(file(line)).name?.trimEnd()).toBe(value)
})

test.each(['name: true', 'name: 1.0', 'name: null', 'name: >\n  a\n   b\n  c', 'name: |\n\n  a', 'name: 2020-01-01'])(
  'leaves %j to the parser',
  line => {
    expect(glanceAtFields(file(line))?.get('name')).toBeUndefined()
  },
)

test.each([
  'name: a: b',
  'name: a #b',
  'name: [a]',
  'name:',
  'name: &x a',
  'name: a\nname: b',
  'name: a\n  b',
  'a\tb: c',
  'name: "\\u0041"',
  '? a',
])('does not judge %j', line => {
  expect(glanceAtFields(file(line))).toBeUndefined()
})

test('does not judge what has no end', () => {
  expect(glanceAtFields('---\nname: a\n')).toBeUndefined()
  expect(glanceAtFields('name: a')).toBeUndefined()
  expect(glanceAtFields('')).toBeUndefined()
})

const missing = historiesMissing('claude-plugins')
test.skipIf(missing)(`agrees with the parser on every real file${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let judged = 0
  let all = 0
  for (const name of ['claude-plugins', 'agents'] as const)
    for (const history of readSkillHistories(name) ?? [])
      for (const { content } of history.versions) {
        all += 1
        const fields = glanceAtFields(content)
        if (!fields) continue
        judged += 1
        const parsed = parseSkillMd(content)
        expect(parsed.yamlError).toBeUndefined()
        for (const key of ['name', 'description'] as const)
          if (fields.get(key) !== undefined) expect(fields.get(key)).toBe(parsed[key]?.trimEnd())
        expect([...fields.keys()].sort()).toEqual(Object.keys(parsed.data ?? {}).sort())
      }
  expect(judged / all).toBeGreaterThan(0.8)
})

import { expect, test } from 'vitest'
import { declaresHooks, mayDeclareHooks } from './skill-hooks.ts'

const skill = (more: string) =>
  `---\nname: a\ndescription: Explains git hooks; see hooks below.\n${more}\n---\nhooks: none\n`

test.each([
  'hooks:\n  Stop: []',
  'Hooks: {}',
  '"hooks": {}',
  "'hooks' : {}",
  '"h\\x6foks": {}',
  '? hooks\n: {}',
  'x: &b {"\\x68ooks": {}}\n<<: *b',
  'broken: [\nhooks:\n  Stop: []',
])('%j declares hooks, or may', more => {
  expect(declaresHooks(skill(more))).toBe(true)
})

test.each(['', 'license: MIT', 'metadata:\n  note: no hooks here'])('%j declares none', more => {
  expect(declaresHooks(skill(more))).toBe(false)
})

test('a byte order mark and lines of Windows make no difference; a text without frontmatter has none', () => {
  expect(declaresHooks(`\uFEFF${skill('hooks: {}').replaceAll('\n', '\r\n')}`)).toBe(true)
  expect(declaresHooks('hooks: {}')).toBe(false)
})

test('every SKILL.md of a bundle counts', () => {
  expect(['SKILL.md', 'skill.md', 'sub/SKILL.MD'].every(mayDeclareHooks)).toBe(true)
  expect(mayDeclareHooks('references/hooks.md')).toBe(false)
})

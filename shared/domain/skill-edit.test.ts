import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSkillMd, setField } from './skill-md.ts'

const source = `---
# Who we are
name: pdf-forms   # the slug
description: 'Fill forms'
x-own: [1, 2]   # ours
metadata:
  author: "me"
  version: 1.0  # bump me
license: MIT
---

# Body

---
name: not this one
`

describe('setField', () => {
  test.each([
    ['plain stays plain, its comment stays', 'name', 'pdf-tools', 'name: pdf-forms ', 'name: pdf-tools '],
    ['single quotes stay', 'description', "It's: fine", "'Fill forms'", "'It''s: fine'"],
    ['plain that needs quotes gets them', 'license', 'MIT: or #later', 'license: MIT', 'license: "MIT: or #later"'],
    [
      'quotes inside are not escaped if single ones do',
      'license',
      'say "hi": now',
      'license: MIT',
      `license: 'say "hi": now'`,
    ],
    ['what reads as something else is quoted', 'license', 'true', 'license: MIT', 'license: "true"'],
    ['a list becomes text', 'x-own', 'one two', 'x-own: [1, 2] ', 'x-own: one two '],
    ['an entry of metadata', 'metadata.version', '1.0', 'version: 1.0 ', 'version: "1.0" '],
    ['a new entry of metadata', 'metadata.tags', 'a b', '# bump me\n', '# bump me\n  tags: a b\n'],
    ['several lines become a block', 'license', 'a\n\nb', 'license: MIT', 'license: |-\n  a\n\n  b'],
    ['a new field goes last', 'compatibility', 'git', 'license: MIT\n', 'license: MIT\ncompatibility: git\n'],
    ['an odd key is quoted', 'a: b', 'c', 'license: MIT\n', 'license: MIT\n"a: b": c\n'],
  ])('%s', (_, key, value, before, after) => {
    expect(setField(source, key, value)).toBe(source.replace(before, () => after))
  })

  test('the same with CRLF', () => {
    const crlf = source.replaceAll('\n', '\r\n')
    expect(setField(crlf, 'license', 'a\nb')).toBe(crlf.replace('license: MIT', 'license: |-\r\n  a\r\n  b'))
    expect(setField(crlf, 'compatibility', 'git')).toBe(crlf.replace('MIT\r\n', 'MIT\r\ncompatibility: git\r\n'))
  })

  test('folded text keeps its style and its width', () => {
    const wrapped = '---\ndescription: >-\n  One two three four five six seven eight\n  nine ten.\n\nname: a\n---\n'
    expect(setField(wrapped, 'description', 'Alpha beta gamma delta epsilon zeta eta theta iota')).toBe(
      '---\ndescription: >-\n  Alpha beta gamma delta epsilon zeta eta\n  theta iota\n\nname: a\n---\n',
    )
    const long = `---\ndescription: >\n  ${'word '.repeat(40)}\nname: a\n---\n`
    expect(setField(long, 'description', 'word '.repeat(50).trim())).toContain(
      `>-\n  ${'word '.repeat(50).trim()}\nname`,
    )
  })

  test('name goes first and description after it when they are new', () => {
    const text = '---\n# c\nlicense: MIT\n---\n'
    const named = setField(text, 'name', 'a-b')
    expect(named).toBe('---\nname: a-b\n# c\nlicense: MIT\n---\n')
    expect(setField(named, 'description', 'D')).toBe('---\nname: a-b\ndescription: D\n# c\nlicense: MIT\n---\n')
  })

  test('an empty field is filled before its comment', () => {
    expect(setField('---\nname: # todo\n---\n', 'name', 'a')).toBe('---\nname: a # todo\n---\n')
    expect(setField('---\nname:\n---\n', 'name', 'a')).toBe('---\nname: a\n---\n')
  })

  test('flow style stays flow', () => {
    expect(setField('---\n{ name: a, b: 1 }\n---\n', 'name', 'x, y')).toBe('---\n{ name: "x, y", b: 1 }\n---\n')
    expect(setField('---\n{ b: 1 }\n---\n', 'name', 'x')).toBe('---\n{name: "x",  b: 1 }\n---\n')
    expect(setField('---\n{}\n---\n', 'name', 'x')).toBe('---\n{name: "x"}\n---\n')
    expect(setField('---\nmetadata: { a: b }\n---\n', 'metadata.a', 'c')).toBe('---\nmetadata: { a: "c" }\n---\n')
    expect(setField('---\n{ a: b }\n---\n', 'metadata.v', '1')).toBe('---\n{metadata: { v: "1" },  a: b }\n---\n')
  })

  test('metadata that does not exist yet is made', () => {
    expect(setField('---\nname: a\n---\n', 'metadata.version', '1.0')).toBe(
      '---\nname: a\nmetadata:\n  version: "1.0"\n---\n',
    )
  })

  test('… also where there was nothing at all', () => {
    expect(setField('# Hi\n', 'metadata.version', '1.0')).toBe('---\nmetadata:\n  version: "1.0"\n---\n\n# Hi\n')
  })

  test('without frontmatter one is put on top, after a byte order mark', () => {
    expect(setField('# Hi\r\n', 'name', 'hi')).toBe('---\r\nname: hi\r\n---\r\n\r\n# Hi\r\n')
    expect(setField('\uFEFF\nHi', 'name', 'hi')).toBe('\uFEFF---\nname: hi\n---\n\nHi')
    expect(setField('', 'name', 'hi')).toBe('---\nname: hi\n---\n')
  })

  test('mends the broken line itself', () => {
    const broken = '---\nname: a # c\ndescription: Use when: always\nmodel: opus\n---\nbody'
    expect(setField(broken, 'description', 'Use when: always')).toBe(
      broken.replace('Use when: always', '"Use when: always"'),
    )
    expect(setField(broken, 'name', 'b')).toBe(broken.replace('name: a # c', 'name: b'))
  })

  test.each([
    ['the value it has', '---\nname:   "a"\n---\n', 'a'],
    ['frontmatter that is never closed', '---\nname: a\n', 'b'],
    ['frontmatter that is a list', '---\n- name: a\n---\n', 'b'],
    ['a value that another field refers to', '---\nname: &n a\nother: *n\n---\n', 'b'],
  ])('leaves %s alone', (_, text, value) => {
    expect(setField(text, 'name', value)).toBe(text)
  })
})

const awkward = fc.oneof(
  fc.constantFrom(
    '', ' ', '\n', '\n\n', 'a\n', ' a', 'a ', 'a: b', 'a:', ': a', '#', 'a # b', 'a #b', '- a', '-', '---', '--- a', '...', '? a',
    'true', 'no', 'null', '~', '1.0', '0x1F', '1e3', '.5', '12:30', '2026-01-31', '1_000', '"', "'", '"a"', "it's", '\\', '\\n', 'a\\',
    '[a]', '{a: b}', '&a', '*a', '!a', '|', '>', '>- x', '%a', '@a', '`a`', 'a\tb', '\t', 'a\rb', 'a\r\nb', 'a\n\n b', ' a\n  b\n',
    '漢字', '😀', 'é', '\u0085', '\u2028', '\uFEFF', '\u0000', '\u007f', '\ud800', 'x'.repeat(2000), 'word '.repeat(300), '<<', 'a\n---\nb', 'a\n...\n',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.constantFrom('a', ' ', '\n', ':', '#', '"', "'", '-', '\\', '\t', '\r', '>', '|', 'é'), { maxLength: 14 }).map(parts => parts.join('')),
) // biome-ignore format: rows of like values
const written = fc.constantFrom(
  'plain',
  "'single'",
  '"double"',
  '>-\n  folded\n  text',
  '|\n  literal\n  text',
  '',
  '[1, 2]',
  '\n  - a\n  - b',
  '\n  k: v',
  '|+\n  keep\n\n',
  '42',
)

describe('for any value, over any style', () => {
  const cases = fc.record({
    value: awkward,
    style: written,
    comment: fc.boolean(),
    crlf: fc.boolean(),
    key: fc.constantFrom('field', 'name', 'new', 'metadata.v', 'metadata.w'),
  })

  test('it is read back, and nothing else changes', () => {
    fc.assert(
      fc.property(cases, ({ value, style, comment, crlf, key }) => {
        const note = comment && !style.includes('\n') ? '   # note' : ''
        const lines = `---\n# top\nname: a\nfield: ${style}${note}\nlast: 'kept'  # c\nmetadata:\n  v: 1.0 # v\n---\n\nbody\n---\n`
        const text = crlf ? lines.replaceAll('\n', '\r\n') : lines
        const edited = setField(text, key, value)
        const before = parseSkillMd(text)
        const after = parseSkillMd(edited)
        const entry = key.startsWith('metadata.')
          ? after.metadata.find(each => `metadata.${each.key}` === key)
          : after.fields.find(each => each.key === key)
        expect(entry?.value).toBe(value)
        const rest = (skill: typeof before) => [
          ...skill.fields
            .filter(each => each.key !== key && each.key !== 'metadata')
            .map(each => [each.key, each.source, each.value]),
          ...skill.metadata.filter(each => `metadata.${each.key}` !== key).map(each => [each.key, each.source]),
        ]
        expect(rest(after)).toEqual(rest(before))
        expect(after.body).toBe(before.body)
        const comments = (all: string) => all.match(/# (top|c|v|note)\r?\n/g)
        expect(comments(edited)).toEqual(comments(text))
        expect(setField(edited, key, value)).toBe(edited)
        if (crlf) expect(edited.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
      }),
      { numRuns: 3000 },
    )
  })

  test('any text and any key: it never throws, and the body stays', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map(inner => `---\n${inner}\n---\nbody`),
    )
    fc.assert(
      fc.property(text, fc.string(), awkward, (input, key, value) => {
        const edited = setField(input, key, value)
        expect(edited.endsWith(parseSkillMd(input).body)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

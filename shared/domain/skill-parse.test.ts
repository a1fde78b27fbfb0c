import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSkillMd } from './skill-md.ts'

/** Text that is likely to trip a frontmatter reader. */
const shards = fc.constantFrom(
  '---', '---\n', '\n', '\r\n', '\r', '\uFEFF', ' ', '\t', 'name', 'description', ':', ': ', '"', "'", '|', '>-', '- ',
  '#', '&a', '*a', '!!str', '{', '}', '[', ']', ',', '?', '%YAML 1.2', '...', '<<: *a', 'x', '1.0', '😀', '\ud800', '\0', '  ',
) // biome-ignore format: one row is easier to read
const hostile = fc.array(shards, { maxLength: 40 }).map(parts => parts.join(''))

function reassembled(text: string): string {
  const { frontmatter, body, bodyFrom } = parseSkillMd(text)
  if (!frontmatter) return text.slice(0, bodyFrom) + body
  return text.slice(0, frontmatter.from) + frontmatter.text + text.slice(frontmatter.to, bodyFrom) + body
}

describe('parseSkillMd', () => {
  test('reads frontmatter, fields and body with their places', () => {
    const text = '---\n# who\nname: pdf-forms  # slug\ndescription: >-\n  Fill\n  forms.\n\n---\n\n# PDF\n'
    const skill = parseSkillMd(text)
    expect(skill).toMatchObject({ name: 'pdf-forms', description: 'Fill forms.', newline: '\n', body: '\n# PDF\n' })
    expect(skill.data).toEqual({ name: 'pdf-forms', description: 'Fill forms.' })
    expect(skill.frontmatter).toEqual({
      from: 4,
      to: 67,
      startLine: 2,
      text: '# who\nname: pdf-forms  # slug\ndescription: >-\n  Fill\n  forms.\n\n',
    })
    expect(skill.fields.map(field => [field.key, field.line, text.slice(field.from, field.to)])).toEqual([
      ['name', 3, 'name: pdf-forms'],
      ['description', 4, 'description: >-\n  Fill\n  forms.'],
    ])
    expect(skill.fields.map(field => field.source)).toEqual(['pdf-forms', '>-\n  Fill\n  forms.'])
  })

  test('keeps CRLF and a byte order mark out of the values', () => {
    const skill = parseSkillMd('\uFEFF---\r\nname: a\r\ndescription: |\r\n  x\r\n  y\r\n---\r\nbody\r\n')
    expect(skill).toMatchObject({ name: 'a', description: 'x\ny', newline: '\r\n', body: 'body\r\n' })
    expect(skill.fields[1]?.line).toBe(3)
  })

  test.each([
    ['no frontmatter', '# Title\n---\nname: x\n---\n', 'no-frontmatter'],
    ['an empty file', '', 'no-frontmatter'],
    ['a rule longer than three dashes', '----\nname: x\n----\n', 'no-frontmatter'],
    ['a blank line first', '\n---\nname: x\n---\n', 'no-frontmatter'],
    ['never closed', '---\nname: x\n\n# Body\n', 'unclosed'],
    ['closed only by an indented line', '---\nname: |\n  ---\n', 'unclosed'],
    ['nothing but the first line', '---', 'unclosed'],
  ])('%s', (_, text, missing) => {
    expect(parseSkillMd(text)).toMatchObject({
      missing,
      frontmatter: undefined,
      data: undefined,
      fields: [],
      body: text,
    })
  })

  test('only the first closing line counts; a rule in the body stays there', () => {
    expect(parseSkillMd('---\nname: a\n--- \t\none\n---\ntwo\n').body).toBe('one\n---\ntwo\n')
    expect(parseSkillMd('---\nname: a\n---').body).toBe('')
  })

  test('empty frontmatter is an empty map', () => {
    for (const text of ['---\n---\nx', '---\n# nothing\n---\nx', '---\n\n---\nx'])
      expect(parseSkillMd(text)).toMatchObject({ data: {}, fields: [], body: 'x' })
    expect(parseSkillMd('---\n---\n').yamlError).toBeUndefined()
  })

  test('reads YAML 1.2: no is text, dates are text, 1.0 is a number', () => {
    const skill = parseSkillMd('---\na: no\nb: 2026-01-31\nc: 1.0\nd: true\ne: 0o17\nf:\n---\n')
    expect(skill.data).toEqual({ a: 'no', b: '2026-01-31', c: 1, d: true, e: 15, f: null })
    expect(skill.fields.map(field => field.source)).toEqual(['no', '2026-01-31', '1.0', 'true', '0o17', ''])
  })

  test("tells metadata's entries with their places", () => {
    const text = '---\nmetadata:\n  author: me\n  version: "1.0" # v\n---\n'
    const { metadata } = parseSkillMd(text)
    expect(metadata.map(entry => [entry.key, entry.value, entry.line, text.slice(entry.from, entry.to)])).toEqual([
      ['author', 'me', 3, 'author: me'],
      ['version', '1.0', 4, 'version: "1.0"'],
    ])
  })

  test('a key that is a name on every object is just a key', () => {
    const skill = parseSkillMd('---\n__proto__: x\nconstructor: y\n---\n')
    expect(skill.fields.map(field => [field.key, field.value])).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
    expect(Object.getPrototypeOf(skill.data)).toBe(Object.prototype)
  })
})

describe('broken YAML', () => {
  test.each([
    [
      'a colon in a plain value',
      'description: Use when: always',
      3,
      14,
      'a value with a colon and a blank in it must be in quotes',
    ],
    ['a field twice', 'description: x\nname: b', 4, 1, 'the field “name” is there twice'],
    ['more after a closed list', 'argument-hint: [a] [b]', 3, 20, 'must be in quotes as a whole'],
    ['a reserved first character', 'description: `x` y', 3, 14, 'starts with “`”'],
    ['a Markdown emphasis', 'description: *x*', 3, 14, 'starts with “*” must be in quotes'],
    ['a tab for indentation', 'metadata:\n\ta: b', 4, 1, 'spaces, not by tabs'],
    ['a line without a key', 'oops', 3, 1, ''],
  ])('%s: where and what', (_, lines, line, column, words) => {
    const skill = parseSkillMd(`---\nname: a\n${lines}\n---\nbody`)
    expect(skill).toMatchObject({ data: undefined, yamlError: { line, column }, name: 'a', body: 'body' })
    expect(skill.yamlError?.message).toMatch(/^The frontmatter is not valid YAML: .*\.$/)
    expect(skill.yamlError?.message).toContain(words)
  })

  test('what the lines say is still shown', () => {
    const skill = parseSkillMd('---\nname: "a"\ndescription: Use when: always\n  and more\n# note\nmodel: opus\n---\n')
    expect(skill).toMatchObject({ name: 'a', description: 'Use when: always and more' })
    expect(skill.fields.map(field => field.key)).toEqual(['name', 'description', 'model'])
  })

  test.each([
    ['a list', '- a\n- b'],
    ['one word', 'hello'],
    ['a number', '42'],
  ])('%s is no map', (_, yaml) => {
    expect(parseSkillMd(`---\n${yaml}\n---\n`).yamlError?.message).toContain('not a list of “key: value” lines')
  })

  test('an alias bomb is refused, not expanded', () => {
    const level = (name: string, of: string) => `${name}: &${name} [${Array(9).fill(`*${of}`).join(',')}]\n`
    const bomb = `a: &a [${Array(9).fill('lol').join(',')}]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}${level('e', 'd')}${level('f', 'e')}`
    expect(parseSkillMd(`---\n${bomb}---\nbody`)).toMatchObject({ data: undefined, body: 'body' })
    expect(parseSkillMd(`---\n${bomb}---\nbody`).yamlError?.message).toContain('alias')
  })

  test.each(['[', '{', '- ', '? '])('nesting without end by “%s” is refused', opener => {
    expect(parseSkillMd(`---\nname: x\na: ${opener.repeat(9_000)}\n---\n`).yamlError).toBeDefined()
  })

  test('frontmatter beyond any sense is not parsed', () => {
    expect(parseSkillMd(`---\nname: x\na: ${'b'.repeat(30_000)}\n---\n`)).toMatchObject({ name: 'x', data: undefined })
  })
})

describe('for any text', () => {
  test('it never throws, and its parts are the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          hostile,
          hostile.map(inner => `---\n${inner}\n---\nbody`),
          fc.string({ unit: 'binary' }),
        ),
        text => {
          expect(reassembled(text)).toBe(text)
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('every field lies inside the frontmatter and starts with its key’s line', () => {
    fc.assert(
      fc.property(
        hostile.map(inner => `---\nname: a\n${inner}\n---\n`),
        text => {
          const { fields, frontmatter } = parseSkillMd(text)
          for (const field of fields) {
            expect(field.from).toBeGreaterThanOrEqual(frontmatter?.from ?? 0)
            expect(field.to).toBeLessThanOrEqual(frontmatter?.to ?? 0)
            expect(field.keyTo).toBeLessThanOrEqual(field.to)
            expect(text.slice(0, field.from).split('\n').length).toBe(field.line)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})

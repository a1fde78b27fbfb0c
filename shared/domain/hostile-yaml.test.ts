import { describe, expect, test } from 'vitest'
import { excessOf, parseWithin, type YamlExcess } from './bounded-yaml.ts'
import { parseSkillMd, setField, validateSkill } from './skill-md.ts'
import { FRONTMATTER_LIMITS } from './skill-yaml.ts'

/** As much of a unit as the frontmatter may have. */
const fill = (unit: string, characters = FRONTMATTER_LIMITS.characters - 100): string =>
  unit.repeat(Math.ceil(characters / unit.length)).slice(0, characters)
const lines = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n')

/** Each cost the parser seconds, or its stack. */
const REFUSED: [string, string, YamlExcess['limit']][] = [
  ['aliases in brackets', `a: &a 1\nb: [${fill('*a,')}1]`, 'aliases'],
  ['aliases in a list', `a: &a 1\nb:\n${fill('- *a\n')}`, 'aliases'],
  ['101 aliases', `a: &a 1\nb: [${'*a,'.repeat(101)}]`, 'aliases'],
  ['brackets', `a: ${fill('[')}`, 'depth'],
  ['braces', `a: ${fill('{')}`, 'depth'],
  ['maps in maps', `a: ${fill('{a: ')}`, 'depth'],
  ['dashes in one line', fill('- '), 'depth'],
  ['question marks in one line', fill('? '), 'depth'],
  ['keys in one line', fill('a: '), 'depth'],
  ['keys by indentation', lines(190, n => `${' '.repeat(n)}a:`), 'depth'],
  ['the same key', fill('a:\n'), 'tokens'],
  ['other keys', lines(3_000, n => `${n.toString(36)}:`), 'tokens'],
  ['anchors', lines(1_000, n => `k${n}: &a${n} 1`), 'tokens'],
  ['tags', fill('- !<x> a\n'), 'tokens'],
  ['commas', `a: [${fill(',')}]`, 'tokens'],
  ['documents', fill('a\n...\n'), 'tokens'],
  ['empty lines', fill('\n'), 'tokens'],
  ['a megabyte', 'a: 1\n'.repeat(200_000), 'characters'],
]

describe('frontmatter that would take the parser long', () => {
  test.each(REFUSED)('%s is refused before it is parsed, with one plain finding', (_, yaml, limit) => {
    expect(excessOf(yaml, FRONTMATTER_LIMITS)?.limit).toBe(limit)
    const text = `---\n${yaml}\n---\nBody\n`
    expect(parseSkillMd(text)).toMatchObject({ data: undefined, body: 'Body\n' })
    for (const profile of ['strict', 'reference', 'claude-code'] as const) {
      const findings = validateSkill({ text, folderName: 'x' }, profile).filter(one => one.code === 'YAML_INVALID')
      expect(findings.map(one => one.message)).toEqual([
        expect.stringMatching(
          /aliases \(\*name\)\.$|nested too deeply\.$|too many values\.$|characters; up to .* are read\.$/,
        ),
      ])
    }
    expect(setField(text, 'license', 'MIT')).toContain('Body\n')
  })

  test('a document that is large in nothing but its text is read', () => {
    const yaml = `name: x\ndescription: x ${fill('[* &- ', 9_000)}\nlong: |\n${fill('  - [*x\n', 4_000)}`
    expect(excessOf(yaml, FRONTMATTER_LIMITS)).toBeUndefined()
    expect(excessOf(`a: "${fill('[', 9_000)}"\nb: '${fill('*a ', 9_000)}'`, FRONTMATTER_LIMITS)).toBeUndefined()
  })

  test('anchors and aliases within the limits are resolved, and what one is missing is said', () => {
    const text = (yaml: string) => `---\n${yaml}\n---\n`
    const many = `a: &a x\nb: [${'*a, '.repeat(99)}*a]`
    expect(parseSkillMd(text(many)).data).toMatchObject({ b: new Array(100).fill('x') })
    expect(parseSkillMd(text('b: *later\na: &later 1')).yamlError).toMatchObject({
      message: 'The frontmatter is not valid YAML: a value that starts with “*” must be in quotes.',
      line: 2,
    })
  })

  test('a key that is there twice is found wherever it is, also in a map inside', () => {
    const said = (yaml: string) => parseSkillMd(`---\n${yaml}\n---\n`).yamlError
    expect(said('name: a\nname: b')?.message).toContain('the field “name” is there twice')
    expect(said('m:\n  a: 1\n  b: 2\n  a: 3')).toMatchObject({ line: 5, column: 3 })
  })

  test('offsets of what is too much point at it', () => {
    const yaml = `a: &a 1\nb: [${'*a,'.repeat(101)}]`
    const read = parseWithin(yaml, FRONTMATTER_LIMITS)
    expect(read).toMatchObject({ excess: { limit: 'aliases', most: 100, offset: yaml.lastIndexOf('*') } })
  })
})

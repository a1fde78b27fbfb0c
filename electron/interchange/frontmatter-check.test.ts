import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSkillMd } from '../../shared/domain/skill-parse.ts'
import { readSkillHistories } from '../../test/support/skill-histories.ts'
import { frontmatterProblem, isPlainlyValid } from './frontmatter-check.ts'

const bytes = (text: string) => Buffer.from(text)

test('valid frontmatter of every common form has no problem', () => {
  for (const value of [
    'plain',
    '"a: b # c"',
    "'it''s'",
    '>-\n  folded\n  text',
    '|\n    one\n\n      two',
    '[a, b]',
    'x:y',
  ])
    expect(frontmatterProblem(bytes(`---\nname: a\ndescription: ${value}\n---\nbody: not: yaml\n`)), value).toBe(
      undefined,
    )
})

test('no frontmatter is no YAML', () => {
  expect(frontmatterProblem(bytes('# Title\n: : :\n'))).toBe(undefined)
  expect(frontmatterProblem(bytes(''))).toBe(undefined)
})

test('a problem is told with its line in the file', () => {
  expect(frontmatterProblem(bytes('---\r\nname: a\r\ndescription: Use when: x: y\r\n---\r\n'))).toMatch(/^line 3: /)
  expect(frontmatterProblem(bytes('---\nname: a\nname: b\n---\n'))).toMatch(/^line 3: /)
})

test('whatever the quick look calls valid, the parser does too', () => {
  const piece = fc.constantFrom(
    ...[
      'name',
      ': ',
      ':',
      ' ',
      '  ',
      '#',
      '"',
      "'",
      '\\',
      '[',
      ']',
      '{',
      '- ',
      '>-',
      '|',
      '\n',
      '\r\n',
      '\t',
      '&a',
      '*a',
    ],
    ...[
      'text',
      '---',
      '!',
      '%',
      '@',
      '`',
      '?',
      ',',
      '\\n',
      'ß',
      '<',
      '>',
      '/',
      '--x',
      ', ',
      '~',
      '=',
      '$',
      '.',
      'null',
      '0x',
      '1e3',
      '\u0085',
      '\u2028',
      '\u00a0',
      '\u0000',
    ],
  )
  const line = fc.tuple(fc.constantFrom('a: ', 'b: ', 'c: ', '  ', '    ', ''), fc.array(piece, { maxLength: 6 }))
  const lines = fc.array(line, { maxLength: 6 }).map(all => all.map(([head, rest]) => head + rest.join('')).join('\n'))
  fc.assert(
    fc.property(lines, yaml => {
      const text = `---\n${yaml}\n---\n`
      if (isPlainlyValid(bytes(text))) expect(parseSkillMd(text).yamlError).toBe(undefined)
    }),
    { numRuns: 10_000 },
  )
})

const real = readSkillHistories('claude-plugins')
test.skipIf(!real)('the same over real files (skipped where there are none)', () => {
  const texts = (real ?? []).flatMap(history => history.versions.slice(-1)).map(version => version.content)
  for (const text of texts) if (isPlainlyValid(bytes(text))) expect(parseSkillMd(text).yamlError).toBe(undefined)
  expect(texts.filter(text => isPlainlyValid(bytes(text))).length).toBeGreaterThan(texts.length / 2)
})

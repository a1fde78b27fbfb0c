import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Check, type Profile, parseSkillMd, setField, validateSkill } from './skill-md.ts'

const profiles: Profile[] = ['strict', 'reference', 'claude-code']
const skill = (frontmatter: string) => `---\n${frontmatter}\n---\n\nDo it.\n`
const check = (frontmatter: string, profile: Profile, folderName?: string): Check[] =>
  validateSkill({ text: skill(frontmatter), folderName }, profile)

/** 'error NAME_TOO_LONG' for each finding. */
const short = (checks: Check[]) => checks.map(each => `${each.severity} ${each.code}`)
const good = 'name: pdf-forms\ndescription: Fills forms.'

/** One row: frontmatter, then what each profile says of it. */
type Row = [what: string, frontmatter: string, strict: string[], reference: string[], claudeCode: string[]]
const same = (what: string, frontmatter: string, codes: string[]): Row => [what, frontmatter, codes, codes, codes]
const described = (line: string) => `${line}\ndescription: Fills forms.`
const named = (lines: string) => `name: pdf-forms\n${lines}`

const rows: Row[] = [
  same('a good skill', good, []),
  same('every field of the specification', `${good}\nlicense: MIT\ncompatibility: git\nmetadata:\n  version: "1.0"\nallowed-tools: Read Bash(git:*)`, []),
  ['no name', 'description: x', ['error NAME_MISSING'], ['error NAME_MISSING'], ['warning NAME_MISSING']],
  ['an empty name', described('name:'), ['error NAME_EMPTY'], ['error NAME_EMPTY'], ['warning NAME_EMPTY']],
  ['a blank name', described('name: "  "'), ['error NAME_EMPTY'], ['error NAME_EMPTY'], ['warning NAME_EMPTY']],
  ['a number for a name', described('name: 42'), ['error NAME_NOT_TEXT'], [], ['error NAME_NOT_TEXT']],
  ['a list for a name', described('name:\n  - a'), ['error NAME_NOT_TEXT'], ['error NAME_NOT_TEXT'], ['error NAME_NOT_TEXT']],
  same('64 characters', described(`name: ${'a'.repeat(64)}`), []),
  same('65 characters', described(`name: ${'a'.repeat(65)}`), ['error NAME_TOO_LONG']),
  same('capitals', described('name: Pdf'), ['error NAME_UPPERCASE']),
  same('a hyphen first', described('name: -pdf'), ['error NAME_HYPHEN_EDGE']),
  same('a hyphen last', described('name: pdf-'), ['error NAME_HYPHEN_EDGE']),
  same('two hyphens', described('name: pdf--forms'), ['error NAME_HYPHEN_DOUBLE']),
  same('an underscore', described('name: pdf_forms'), ['error NAME_CHARACTER']),
  same('digits', described('name: 3d-2'), []),
  ['letters of any script', described('name: données-漢字'), ['error NAME_CHARACTER'], [], ['error NAME_CHARACTER']],
  ['64 of them, two units each', described(`name: ${'𐐨'.repeat(64)}`), ['error NAME_CHARACTER'], [], ['error NAME_CHARACTER']],
  ['a compatibility form (NFKC)', described('name: ｐｄｆ'), ['error NAME_CHARACTER'], [], ['error NAME_CHARACTER']],
  ['blanks around the name', described('name: " pdf "'), ['error NAME_CHARACTER'], [], ['error NAME_CHARACTER']],
  ['no description', 'name: a', ['error DESCRIPTION_MISSING'], ['error DESCRIPTION_MISSING'], ['warning DESCRIPTION_MISSING']],
  ['an empty one', 'name: a\ndescription: ""', ['error DESCRIPTION_EMPTY'], ['error DESCRIPTION_EMPTY'], ['warning DESCRIPTION_EMPTY']],
  ['a boolean one', 'name: a\ndescription: true', ['error DESCRIPTION_NOT_TEXT'], [], ['error DESCRIPTION_NOT_TEXT']],
  same('angle brackets', 'name: a\ndescription: Fills <form>s', ['warning DESCRIPTION_ANGLE_BRACKET']),
  ['no compatibility in it', named('description: x\ncompatibility: ""'), ['error COMPATIBILITY_EMPTY'], ['warning COMPATIBILITY_EMPTY'], ['warning COMPATIBILITY_EMPTY']],
  same('500 characters of it', named(`description: x\ncompatibility: ${'c'.repeat(500)}`), []),
  same('501 characters of it', named(`description: x\ncompatibility: ${'c'.repeat(501)}`), ['error COMPATIBILITY_TOO_LONG']),
  ['a list of them', `${good}\ncompatibility:\n  - git`, ['error COMPATIBILITY_NOT_TEXT'], ['error COMPATIBILITY_NOT_TEXT'], ['warning COMPATIBILITY_NOT_TEXT']],
  ['a license that is no text', `${good}\nlicense: 2`, ['warning LICENSE_NOT_TEXT'], [], ['warning LICENSE_NOT_TEXT']],
  ['metadata that is text', `${good}\nmetadata: v1`, ['error METADATA_NOT_MAP'], ['warning METADATA_NOT_MAP'], ['warning METADATA_NOT_MAP']],
  ['a number in metadata', `${good}\nmetadata:\n  version: 1.0`, ['error METADATA_NOT_TEXT'], [], ['warning METADATA_NOT_TEXT']],
  ['a list in metadata', `${good}\nmetadata:\n  tags:\n    - a`, ['error METADATA_NOT_TEXT'], ['warning METADATA_NOT_TEXT'], ['warning METADATA_NOT_TEXT']],
  ['tools as a list', `${good}\nallowed-tools:\n  - Read\n  - Bash(git:*)`, ['error ALLOWED_TOOLS_LIST'], ['warning ALLOWED_TOOLS_LIST'], ['warning ALLOWED_TOOLS_LIST']],
  ['tools as a map', `${good}\nallowed-tools:\n  a: b`, ['error ALLOWED_TOOLS_NOT_TEXT'], ['warning ALLOWED_TOOLS_NOT_TEXT'], ['warning ALLOWED_TOOLS_NOT_TEXT']],
  ['tools with commas', `${good}\nallowed-tools: Read, Bash(a, b)`, ['warning ALLOWED_TOOLS_COMMAS'], ['warning ALLOWED_TOOLS_COMMAS'], []],
  ['an unknown field', `${good}\ncreated: x`, ['error FIELD_UNKNOWN'], ['error FIELD_UNKNOWN'], ['warning FIELD_UNKNOWN']],
  ['version', `${good}\nversion: x`, ['error FIELD_UNKNOWN'], ['error FIELD_UNKNOWN'], ['warning FIELD_UNKNOWN']],
  ...['argument-hint: x', 'disable-model-invocation: true', 'user-invocable: false', 'model: opus', 'context: fork', 'agent: Explore', 'hooks:\n  Stop:\n    - a', 'effort: high'].map(
    (field): Row => [`Claude Code’s ${field}`, `${good}\n${field}`, ['error FIELD_UNKNOWN'], ['error FIELD_UNKNOWN'], []],
  ),
  ['a switch that is no switch', `${good}\nuser-invocable: no`, ['error FIELD_UNKNOWN'], ['error FIELD_UNKNOWN'], ['warning FIELD_VALUE']],
  ['a context other than fork', `${good}\ncontext: main`, ['error FIELD_UNKNOWN'], ['error FIELD_UNKNOWN'], ['warning FIELD_VALUE']],
  same('broken YAML', 'name: a\ndescription: b: c', ['error YAML_INVALID']),
  same('a field twice', `${good}\nname: b`, ['error YAML_INVALID']),
  ['flow style', `${good}\nmetadata: { a: b }`, [], ['error YAML_FLOW'], []],
  ['tools in flow style', `${good}\nallowed-tools: [Read]`, ['error ALLOWED_TOOLS_LIST'], ['error YAML_FLOW', 'warning ALLOWED_TOOLS_LIST'], ['warning ALLOWED_TOOLS_LIST']],
  ['an anchor', 'name: &n pdf-forms\ndescription: *n', [], ['error YAML_ANCHOR'], []],
  ['a tag', 'name: !!str pdf-forms\ndescription: x', [], ['error YAML_TAG'], []],
  ['dashes in a value', 'name: pdf-forms\ndescription: one --- two\nlicense: MIT', [], ['warning FRONTMATTER_CUT'], []],
  ['dashes before a field it needs', 'description: one --- two\nname: pdf-forms', [], ['error NAME_MISSING', 'warning FRONTMATTER_CUT'], []],
] // biome-ignore format: one row a rule

describe.each(profiles)('in the profile %s', profile => {
  test.each(rows)('%s', (_, frontmatter, ...expected) => {
    expect(short(check(frontmatter, profile))).toEqual(expected[profiles.indexOf(profile)])
  })

  test('the description has 1,024 code points at most', () => {
    const of = (length: number) => check(`name: a\ndescription: ${'😀'.repeat(length)}`, profile)
    expect(of(1024).filter(each => each.severity === 'error')).toEqual([])
    expect(of(1093).find(each => each.severity === 'error')).toMatchObject({
      code: 'DESCRIPTION_TOO_LONG',
      message: 'The description has 1,093 characters; 1,024 are allowed.',
      path: 'SKILL.md',
      line: 3,
      column: 14,
    })
  })

  test('the name equals the folder’s name', () => {
    const severity = profile === 'claude-code' ? 'warning' : 'error'
    expect(short(check(good, profile, 'pdf-forms'))).toEqual([])
    expect(check(good, profile, 'pdf')).toEqual([
      {
        code: 'NAME_NOT_FOLDER',
        severity,
        message: 'The name is “pdf-forms”, the folder is “pdf”: they must be equal.',
        path: 'SKILL.md',
        line: 2,
        column: 7,
        from: 10,
        to: 19,
        fix: { label: 'Use the folder’s name, pdf', key: 'name', value: 'pdf' },
      },
    ])
  })

  test.each([
    ['no frontmatter', '# Title\n', 'FRONTMATTER_MISSING'],
    ['unclosed', '---\nname: a\n', 'FRONTMATTER_UNCLOSED'],
    ['a list', '---\n- a\n---\n', 'YAML_INVALID'],
  ])('%s is one error', (_, text, code) => {
    expect(short(validateSkill({ text }, profile))).toEqual([`error ${code}`])
  })

  test('a byte order mark', () => {
    const severity = profile === 'reference' ? 'error' : 'warning'
    expect(short(validateSkill({ text: `\uFEFF${skill(good)}` }, profile))).toEqual([`${severity} BYTE_ORDER_MARK`])
  })
})

test('the reference validator compares the folder’s name in NFKC', () => {
  expect(short(check(described('name: ｐｄｆ'), 'reference', 'pdf'))).toEqual([])
  expect(short(check(described('name: pdf'), 'reference', 'ｐｄｆ'))).toEqual([])
})

describe('a fix, applied, ends its finding', () => {
  test.each([
    ['NAME_NOT_FOLDER', good, 'pdf'],
    ['NAME_MISSING', 'description: x', 'pdf'],
    ['NAME_UPPERCASE', described('name: My_Skill v2'), undefined],
    ['NAME_CHARACTER', described('name: données é'), undefined],
    ['NAME_TOO_LONG', described(`name: ${'ab-'.repeat(40)}`), undefined],
    ['NAME_NOT_TEXT', described('name: 42'), undefined],
    ['METADATA_NOT_TEXT', `${good}\nmetadata:\n  version: 1.0`, undefined],
    ['ALLOWED_TOOLS_LIST', `${good}\nallowed-tools: [Read, "Bash(git:*)"]`, undefined],
    ['ALLOWED_TOOLS_COMMAS', `${good}\nallowed-tools: Read, Bash(a, b),Grep`, undefined],
    ['YAML_INVALID', 'name: a\ndescription: Use when: always', undefined],
    ['YAML_INVALID', `${good}\nlicense: [a] [b]`, undefined],
    ['YAML_INVALID', 'name: a\ndescription: `x` and y', undefined],
    ['YAML_INVALID', 'name: a\ndescription: Use when\n  the user says: hello\n  and waits', undefined],
    ['YAML_INVALID', 'name: a\ndescription: "Reads C:\\dir and \\d+"', undefined],
    ['VALUE_CUT', 'name: a\ndescription: Text for the #deployments channel', undefined],
    ['VALUE_CUT', 'name: a\ndescription: Text\n  for the #deployments channel', undefined],
    ['VALUE_CUT', 'name: a\ndescription: !important rules', undefined],
    ['VALUE_CUT', 'name: a\ndescription: &co partners', undefined],
    ['VALUE_CUT', `${good}\nmetadata:\n  channel: in #ops`, undefined],
  ])('%s', (code, frontmatter, folderName) => {
    const text = skill(frontmatter)
    const fix = validateSkill({ text, folderName }, 'strict').find(each => each.code === code)?.fix
    expect(fix).toBeDefined()
    const mended = setField(text, fix?.key ?? '', fix?.value ?? '')
    expect(validateSkill({ text: mended, folderName }, 'strict').map(each => each.code)).not.toContain(code)
  })

  test('keeps what was written: 1.0 becomes "1.0", not "1"', () => {
    const text = skill(`${good}\nmetadata:\n  version: 1.0`)
    expect(check(`${good}\nmetadata:\n  version: 1.0`, 'strict')[0]?.fix).toEqual({
      label: 'Write it in quotes',
      key: 'metadata.version',
      value: '1.0',
    })
    expect(setField(text, 'metadata.version', '1.0')).toContain('version: "1.0"')
  })

  test('none is offered that would not help', () => {
    expect(check('name: a\ndescription: "x', 'strict')[0]).not.toHaveProperty('fix')
    expect(check(described('name: 漢字'), 'strict')[0]).not.toHaveProperty('fix')
  })
})

test('findings come errors first, then by place, each pointing at its own text', () => {
  const text = skill('name: Pdf\nversion: 1\ndescription: a <b>\nowner: me')
  const found = validateSkill({ text, paths: ['SKILL.md', 'lost.md'] }, 'strict')
  expect(
    found.map(each => [each.severity, each.from === undefined ? each.path : text.slice(each.from, each.to)]),
  ).toEqual([
    ['error', 'Pdf'],
    ['error', 'version'],
    ['error', 'owner'],
    ['warning', 'a <b>'],
    ['advice', 'lost.md'],
  ])
})

test.each([
  ['strict', 'error'],
  ['reference', 'warning'],
  ['claude-code', 'warning'],
] as const)('another spelling of SKILL.md is found by %s', (profile, severity) => {
  const told = validateSkill({ text: skill(good), paths: ['Skill.md'] }, profile)
  expect(told).toMatchObject([{ code: 'FILE_NAME', severity, path: 'Skill.md' }])
  expect(validateSkill({ text: '', paths: ['skill.md'] }, profile)).toMatchObject([
    { path: 'skill.md' },
    { path: 'skill.md' },
  ])
  expect(validateSkill({ text: skill(good), paths: ['SKILL.md', 'skill.md'] }, profile)).toEqual([])
})

describe('what YAML reads less of than was written', () => {
  test.each(profiles)('is told by %s', profile => {
    const cut = (frontmatter: string) =>
      short(check(`name: a\n${frontmatter}`, profile)).filter(each => each.endsWith('VALUE_CUT'))
    expect(cut('description: for the #deployments channel')).toEqual(['warning VALUE_CUT'])
    expect(cut('description: !important rules')).toEqual(['warning VALUE_CUT'])
    expect(cut('description: x\nlicense: MIT # see LICENSE')).toEqual(['advice VALUE_CUT'])
    expect(cut('description: x\nallowed-tools:\n  - Read #files')).toEqual(['warning VALUE_CUT'])
  })

  test.each([
    ['a comment of its own line', 'description: x\n# a remark\nlicense: MIT'],
    ['one behind quotes', 'description: "x" # a remark'],
    ['one behind a block’s sign', 'description: > # a remark\n  x'],
    ['a sign within a word', 'description: C# and issue#3'],
    ['a type of YAML’s own', 'description: !!str 12'],
    ['an anchor that is used', 'description: &d text\nmetadata:\n  same: *d'],
  ])('%s takes nothing away', (_, frontmatter) => {
    expect(short(check(`name: a\n${frontmatter}`, 'claude-code'))).not.toContain('warning VALUE_CUT')
  })

  test('any one line: all of it is read, or a finding says that it is not, and its fix has all of it', () => {
    const word = fc.constantFrom(
      'a',
      'b:',
      '#c',
      '!d',
      '&e',
      '*f',
      '- g',
      '"h',
      "'i",
      '# j',
      '%k',
      '@l',
      '[m',
      '{n',
      '| o',
      '> p',
      '?q',
      '? r',
      'C:\\s',
      '`t',
      '~',
      '1.0',
    )
    const line = fc.array(word, { minLength: 1, maxLength: 5 }).map(words => words.join(' '))
    fc.assert(
      fc.property(line, fc.constantFrom(...profiles), (written, profile) => {
        const text = skill(`name: a\ndescription: ${written}`)
        const read = parseSkillMd(text)
        if (read.description === written) return
        // In quotes or as a block it is written on purpose.
        if (!read.yamlError && /^["'|>]/.test(written)) return
        const told = validateSkill({ text, paths: ['SKILL.md'] }, profile)
        const what = told.find(({ code }) => /^(YAML_INVALID|VALUE_CUT|DESCRIPTION_)/.test(code))
        const taken = profile === 'reference' && typeof read.data?.description !== 'string'
        expect(what !== undefined || taken, written).toBe(true)
        if (what?.fix)
          expect(parseSkillMd(setField(text, what.fix.key, what.fix.value)).description).toBe(what.fix.value)
      }),
    )
  })
})

test('a field that is indented by mistake is named, and not made part of the text above', () => {
  const [told] = check('name: a\ndescription: x\n  license: MIT', 'strict')
  expect(told?.message).toContain('“license” is indented, so it goes on with “description”')
  expect(told).not.toHaveProperty('fix')
})

test('a title behind the closing line is refused, but where the reference validator reads it', () => {
  const text = '---\nname: a\ndescription: x\n--- # Title\n\nDo it.\n'
  const told = profiles.map(profile => short(validateSkill({ text }, profile)))
  expect(told).toEqual([['error FRONTMATTER_UNCLOSED'], ['warning FRONTMATTER_CUT'], ['error FRONTMATTER_UNCLOSED']])
})

import { describe, expect, test } from 'vitest'
import { linksIn } from './skill-links.ts'
import { parseSkillMd, READ_CHARACTERS, validateSkill } from './skill-md.ts'

const head = '---\nname: a\ndescription: b\n---\n'
const targets = (body: string) => linksIn(parseSkillMd(head + body)).map(link => link.target)
const check = (body: string, paths?: string[]) =>
  validateSkill({ text: head + body, paths }, 'strict').map(each => `${each.severity} ${each.code}`)

describe('links', () => {
  test.each([
    ['inline, image, title', '[a](x.md) ![b](y.png "t") [c](<a b.md>)', ['x.md', 'y.png', 'a b.md']],
    ['definition', '[a]: x.md "t"\n  [b]: <y z.md>', ['x.md', 'y z.md']],
    ['brackets within', '[a](x(1).md) [![i](i.png)](z.md)', ['x(1).md', 'i.png', 'z.md']],
    ['not in code', '`[a](x.md)`\n```\n[b](y.md)\n```\n~~~md\n[c](z.md)\n```\n~~~\n[d](d.md)', ['d.md']],
    ['a longer fence holds a shorter one', '````\n```\n[a](x.md)\n```\n````\n[b](y.md)', ['y.md']],
    ['a code span of three ticks is no fence', '```[a](x.md)```\n[b](y.md)', ['y.md']],
    ['not in comments', '<!-- [a](x.md)\n--> [b](y.md) <!-- open [c](z.md)', ['y.md', 'z.md']],
    ['no target', '[a]() [b](c d)', []],
  ])('%s', (_, body, expected) => {
    expect(targets(body)).toEqual(expected)
  })

  test('offsets are those of the whole file', () => {
    const text = `${head}See [x](x.md "x.md") and [x.md](docs/x.md)\n[y]: y\n`
    const links = linksIn(parseSkillMd(text))
    expect(links.map(link => link.from)).toEqual([text.indexOf('x.md'), text.indexOf('docs/'), text.lastIndexOf('y')])
    expect(links.map(({ from, to }) => text.slice(from, to))).toEqual(['x.md', 'docs/x.md', 'y'])
  })
})

describe('checks of links', () => {
  const paths = ['SKILL.md', 'references/a b.md', 'references/deep/c.md', 'scripts/run.py']
  const all = '`references/` `scripts/`\n'
  test.each([
    ['there', '[a](references/a%20b.md) [b](./scripts/run.py#L3) [c](scripts) [d](references/../scripts/)', []],
    ['not there', '[a](references/missing.md)', ['warning LINK_BROKEN']],
    ['other case', '[a](scripts/Run.py)', ['warning LINK_BROKEN']],
    ['outside', '[a](../other/SKILL.md)', ['warning LINK_OUTSIDE']],
    ['absolute', '[a](/etc/x.md) [b](C:/x.md)', ['advice LINK_ABSOLUTE', 'advice LINK_ABSOLUTE']],
    ['deep', '[a](references/deep/c.md)', ['advice LINK_DEEP']],
    [
      'not a file',
      '[a](https://x.org/y.md) [b](#top) [c](mailto:a@b.c) [d]({base}/x.md) [e](//x.org) [f](~/x) [g](file.md?x)',
      ['warning LINK_BROKEN'],
    ],
    ['broken percent', '[a](100%.md)', ['warning LINK_BROKEN']],
  ])('%s', (_, body, expected) => {
    expect(check(all + body, paths)).toEqual(expected)
  })

  test('says which file has the name in another case', () => {
    const found = validateSkill({ text: `${head}${all}[a](Scripts/run.py)`, paths }, 'strict')
    expect(found[0]?.message).toBe('“Scripts/run.py” is not in the skill’s folder; there is scripts/run.py.')
  })

  test('without the bundle’s paths only what the link itself tells', () => {
    expect(check('[a](gone.md) [b](../x.md)')).toEqual(['warning LINK_OUTSIDE'])
  })
})

describe('files that SKILL.md does not mention', () => {
  const lonely = (body: string, ...paths: string[]) =>
    validateSkill({ text: head + body, paths: ['SKILL.md', ...paths] }, 'strict').map(each => each.path)

  test.each([
    ['a link', '[x](<ref/a b.md>)', 'ref/a b.md'],
    ['code', 'Run `python scripts/fill.py --all`.', 'scripts/fill.py'],
    ['a code block', '```sh\npython $SKILL/scripts/fill.py\n```', 'scripts/fill.py'],
    ['its name alone', 'Then see fill.py.', 'scripts/fill.py'],
    ['its folder', 'Templates are in `assets/`.', 'assets/x/y.svg'],
    ['a pattern', 'All of references/*.md apply.', 'references/z.md'],
    ['a name with a blank', 'Open my file.pdf first', 'assets/my file.pdf'],
  ])('%s is a mention', (_, body, path) => {
    expect(lonely(body, path)).toEqual([])
  })

  test.each([
    'LICENSE',
    'LICENSE.txt',
    'README.md',
    'ref/README.md',
    '.gitignore',
    '.hidden/x',
    'scripts/__init__.py',
    'evals/evals.json',
  ])('%s needs none', path => {
    expect(lonely('x', path)).toEqual([])
  })

  test('others are told, the first twenty by name', () => {
    expect(lonely('Run fill.py', 'scripts/fill.py', 'scripts/refill.py', 'b.md')).toEqual(['scripts/refill.py', 'b.md'])
    const many = Array.from({ length: 25 }, (_, i) => `x${i}.md`)
    const found = validateSkill({ text: `${head}x`, paths: many }, 'strict')
    expect(found).toHaveLength(21)
    expect(found.map(each => each.message)).toContain('SKILL.md does not mention 5 more files.')
  })
})

describe('length', () => {
  test('500 lines and 5,000 tokens are told, less is not', () => {
    expect(check('x\n'.repeat(499))).toEqual([])
    expect(check('x\n'.repeat(500))).toEqual(['advice BODY_LINES'])
    expect(check('some words here '.repeat(1500))).toEqual([])
    expect(check('some words here '.repeat(1700))).toEqual(['advice BODY_TOKENS'])
  })

  test('a description that weighs on every session', () => {
    const text = `---\nname: a\ndescription: ${'words that weigh '.repeat(55)}\n---\n`
    const found = validateSkill({ text }, 'strict')
    expect(found.map(each => each.code)).toEqual(['FRONTMATTER_TOKENS'])
    expect(found[0]?.message).toMatch(/≈ \d+ tokens/)
  })
})

describe('a body beyond what is read of it', () => {
  test('is checked as far as that, and a warning says so', () => {
    const long = (last: string) => `[a](first.md)\n${'word '.repeat(50_000)}\n${last}\n`
    const found = validateSkill({ text: head + long('[a](last.md)'), paths: ['SKILL.md'] }, 'strict')
    expect(found.map(each => each.code)).toEqual(['LINK_BROKEN', 'PARTLY_CHECKED', 'BODY_TOKENS'])
    const partly = found.find(each => each.code === 'PARTLY_CHECKED')
    expect(partly).toMatchObject({ severity: 'warning', from: head.length + READ_CHARACTERS })
    expect(partly?.message).toBe(
      'The body has 250,028 characters; the first 200,000 are checked, and found by a search.',
    )
  })
})

describe('hostile bodies are checked in linear time', () => {
  // Each of these took minutes in a draft, or would; the runner's time limit is the assertion.
  test.each([
    ['open comments', '<!--'],
    ['stops', '.'],
    ['slashes', 'a/'],
    ['open links', ']('],
    ['blank links', ']( '],
    ['ticks', '`'],
    ['ticks apart', '` '],
    ['brackets', '['],
    ['fences', '```\n'],
    ['quotes', '](a "'],
    ['ticks that end in one', `${'`'.repeat(199_990)}a\``],
  ])('%s', (_, unit) => {
    const text = head + unit.repeat(1_000_000 / unit.length)
    expect(validateSkill({ text, paths: ['SKILL.md', 'a.md'] }, 'strict').length).toBeGreaterThan(0)
  })
})

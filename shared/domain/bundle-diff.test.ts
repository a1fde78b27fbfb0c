import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Manifest, ManifestEntry } from './bundle.ts'
import { diffFrontmatter, diffManifests } from './bundle-diff.ts'
import { parseSkillMd } from './skill-md.ts'

const file = (path: string, content: string, executable = false): ManifestEntry => ({
  path,
  sha256: content,
  size: content.length,
  executable,
})
const brief = (
  left: Manifest,
  right: Manifest,
  similarity?: (a: ManifestEntry, b: ManifestEntry) => number | undefined,
) =>
  diffManifests(left, right, { similarity }).map(change =>
    [change.kind, change.fromPath, change.path, change.similarity].filter(part => part !== undefined).join(' '),
  )

describe('diffManifests', () => {
  test('added, removed, changed, mode, and nothing for the same', () => {
    const left = [file('SKILL.md', 'x'), file('a.md', '1'), file('b.sh', '2'), file('c.md', '3')]
    const right = [file('SKILL.md', 'x'), file('a.md', '9'), file('b.sh', '2', true), file('d.md', '4')]
    expect(brief(left, right)).toEqual(['changed a.md', 'mode b.sh', 'removed c.md', 'added d.md'])
    expect(brief(left, left)).toEqual([])
  })

  test('equal bytes elsewhere are a rename, the same name first', () => {
    const left = [file('docs/x.md', 'same'), file('old/y.md', 'same')]
    const right = [file('new/y.md', 'same'), file('z.md', 'same')]
    expect(brief(left, right)).toEqual(['renamed old/y.md new/y.md 1', 'renamed docs/x.md z.md 1'])
  })

  test('a rename can carry a mode; a copy is added', () => {
    const left = [file('a.sh', 'same'), file('keep.md', 'k')]
    const right = [file('b.sh', 'same', true), file('keep.md', 'k'), file('copy.md', 'k')]
    const changes = diffManifests(left, right)
    expect(changes.map(change => change.kind)).toEqual(['renamed', 'added'])
    expect(changes[0]).toMatchObject({ left: { executable: false }, right: { executable: true } })
  })

  test('empty files are all alike, so only their name tells', () => {
    expect(brief([file('a/__init__.py', '')], [file('b/other.py', '')])).toEqual([
      'removed a/__init__.py',
      'added b/other.py',
    ])
    expect(brief([file('a/__init__.py', '')], [file('b/__init__.py', '')])).toEqual([
      'renamed a/__init__.py b/__init__.py 1',
    ])
  })

  test('similar files are renames, the most alike first, and the caller decides how alike', () => {
    const left = [file('a.md', 'aaaa'), file('b.md', 'bbbb')]
    const right = [file('c.md', 'cccc'), file('d.md', 'dddd')]
    const scores: Record<string, number> = { 'a.md c.md': 0.6, 'a.md d.md': 0.9, 'b.md c.md': 0.5, 'b.md d.md': 0.95 }
    const similarity = (a: ManifestEntry, b: ManifestEntry) => scores[`${a.path} ${b.path}`]
    expect(brief(left, right, similarity)).toEqual(['renamed a.md c.md 0.6', 'renamed b.md d.md 0.95'])
    expect(brief(left, right, () => 0.49)).toEqual(['removed a.md', 'removed b.md', 'added c.md', 'added d.md'])
    expect(brief(left, right, () => undefined)).toHaveLength(4)
  })

  test('sizes more than twofold apart are not even asked about', () => {
    const asked: string[] = []
    brief([file('a', 'x')], [file('b', 'yyy')], (a, b) => {
      asked.push(a.path + b.path)
      return 1
    })
    expect(asked).toEqual([])
  })

  test('applied to the left side, the changes give the right side', () => {
    const paths = fc.uniqueArray(fc.constantFrom('a', 'b', 'c/a', 'c/b', 'd', 'e'), { maxLength: 6 })
    const manifest = paths.chain(names =>
      fc.tuple(
        ...names.map(name =>
          fc.tuple(fc.constantFrom('', '1', '2', '33'), fc.boolean()).map(([c, x]) => file(name, c, x)),
        ),
      ),
    )
    fc.assert(
      fc.property(manifest, manifest, (left, right) => {
        const now = new Map(left.map(entry => [entry.path, entry]))
        const changes = diffManifests(left, right, { similarity: (a, b) => (a.size === b.size ? 0.7 : 0) })
        for (const change of changes) if (change.left) now.delete(change.left.path)
        for (const change of changes) if (change.right) now.set(change.right.path, change.right)
        const sorted = (all: Iterable<ManifestEntry>) => [...all].sort((a, b) => (a.path < b.path ? -1 : 1))
        expect(sorted(now.values())).toEqual(sorted(right))
        expect(new Set(changes.map(change => change.path + change.kind)).size).toBe(changes.length)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('diffFrontmatter', () => {
  const diff = (left: string, right: string) =>
    diffFrontmatter(parseSkillMd(`---\n${left}\n---\n`), parseSkillMd(`---\n${right}\n---\n`))

  test('changed and added in the order of the right side, removed last', () => {
    expect(diff('name: a\nmodel: opus\nlicense: MIT', 'license: BSD\neffort: high\nname: a')).toEqual([
      { key: 'license', kind: 'changed', left: 'MIT', right: 'BSD' },
      { key: 'effort', kind: 'added', right: 'high' },
      { key: 'model', kind: 'removed', left: 'opus' },
    ])
  })

  test('order, quoting, wrapping and comments are no change', () => {
    expect(diff('name: a # x\ndescription: one two', 'description: >-\n  one\n  two\nname: "a"')).toEqual([])
  })

  test('metadata entry by entry', () => {
    expect(
      diff('metadata:\n  version: "1"\n  author: me', 'metadata:\n  author: me\n  version: "2"\n  tag: x'),
    ).toEqual([
      { key: 'metadata.version', kind: 'changed', left: '1', right: '2' },
      { key: 'metadata.tag', kind: 'added', right: 'x' },
    ])
  })

  test('lists are shown as written; true is not "true", 1.0 is not 1', () => {
    expect(diff('allowed-tools: [A, B]\nx: true', 'allowed-tools: [A]\nx: "true"')).toEqual([
      { key: 'allowed-tools', kind: 'changed', left: '[A, B]', right: '[A]' },
      { key: 'x', kind: 'changed', left: 'true', right: '"true"' },
    ])
    expect(diff('v: "1.0"', 'v: "1"')).toEqual([{ key: 'v', kind: 'changed', left: '1.0', right: '1' }])
  })

  test('broken YAML is compared line by line', () => {
    expect(diff('name: a\ndescription: x: y', 'name: a\ndescription: x: z')).toEqual([
      { key: 'description', kind: 'changed', left: 'x: y', right: 'x: z' },
    ])
  })

  test('no frontmatter on one side', () => {
    expect(diffFrontmatter(parseSkillMd('# Hi'), parseSkillMd('---\nname: a\n---\n'))).toEqual([
      { key: 'name', kind: 'added', right: 'a' },
    ])
  })

  test('a value that holds itself ends', () => {
    expect(diff('a: &a\n  b: *a', 'a: &a\n  b: *a').length).toBeLessThanOrEqual(1)
  })
})

import { expect, test } from 'vitest'
import { BUNDLE_LIMITS } from '../../shared/domain/bundle.ts'
import { chooseFiles, isLeftOut, outermostSkills } from './skill-files.ts'
import type { Skipped } from './source.ts'

function choose(...files: [path: string, size?: number][]) {
  const skips: Skipped[] = []
  const kept = chooseFiles(
    files.map(([path, size = 1]) => ({ path, size })),
    'f',
    skip => skips.push(skip),
  )
  return { kept: kept?.map(file => file.path), lines: skips.map(({ code, path }) => `${code} ${path}`) }
}

test('good files are sorted and kept', () => {
  expect(choose(['b'], ['SKILL.md'], ['a/b'])).toEqual({ kept: ['SKILL.md', 'a/b', 'b'], lines: [] })
})

test('bad files are dropped one by one', () => {
  expect(choose(['SKILL.md'], ['A'], ['a'], ['xx:y'], ['big', BUNDLE_LIMITS.fileBytes + 1])).toEqual({
    kept: ['A', 'SKILL.md'],
    lines: ['PATH_CLASH f/a', 'FILE_TOO_LARGE f/big', 'PATH_INVALID f/xx:y'],
  })
})

test('a bundle that is too large only for what was dropped is kept', () => {
  const half = BUNDLE_LIMITS.fileBytes
  expect(choose(['SKILL.md'], ['a', half], ['b', half], ['c', half], ['huge', 4 * half]).kept).toHaveLength(4)
  expect(choose(['SKILL.md'], ['a', half], ['b', half], ['c', half], ['d', half])).toEqual({
    kept: undefined,
    lines: ['BUNDLE_TOO_LARGE f'],
  })
})

test('without its SKILL.md nothing is left', () => {
  expect(choose(['SKILL.md', BUNDLE_LIMITS.fileBytes + 1], ['a'])).toEqual({
    kept: undefined,
    lines: ['FILE_TOO_LARGE f/SKILL.md', 'SKILL_MD_MISSING f/SKILL.md'],
  })
})

test('the outermost folders own what is below them', () => {
  const paths = ['a/b/SKILL.md', 'a/b/c/SKILL.md', 'a/b/c/x', 'a/bc/skill.md', 'a/y', 'node_modules/m/SKILL.md']
  expect([...outermostSkills(paths)]).toEqual([
    ['a/b', ['a/b/SKILL.md', 'a/b/c/SKILL.md', 'a/b/c/x']],
    ['a/bc', ['a/bc/skill.md']],
  ])
  expect([...outermostSkills(['SKILL.md', ...paths]).keys()]).toEqual([''])
  expect(outermostSkills(['x', 'y/z']).size).toBe(0)
})

test('junk is told by its name anywhere on the path', () => {
  for (const path of ['.DS_Store', 'a/Thumbs.db', 'a/__pycache__/b.pyc', '.git/config', 'a/.git', 'a/._b'])
    expect(isLeftOut(path), path).toBe(true)
  for (const path of ['a/.gitignore', 'gitfile', 'a/node_modules.md', '.env', 'thumbs.db.md'])
    expect(isLeftOut(path), path).toBe(false)
})

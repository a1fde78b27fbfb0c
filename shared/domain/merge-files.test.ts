import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ManifestEntry } from './bundle.ts'
import { diffManifests } from './bundle-diff.ts'
import { matchFiles } from './merge-files.ts'

const entry = (path: string, content: string): ManifestEntry => ({
  path,
  sha256: content.repeat(64).slice(0, 64),
  size: 1,
  executable: false,
})
const bundle = (files: Record<string, string>) => Object.entries(files).map(([path, content]) => entry(path, content))

function match(base: Record<string, string>, left: Record<string, string>, right: Record<string, string>) {
  const bundles = { base: bundle(base), left: bundle(left), right: bundle(right) }
  const files = matchFiles(bundles, {
    left: diffManifests(bundles.base, bundles.left),
    right: diffManifests(bundles.base, bundles.right),
  })
  return files.map(file => [file.path, file.base?.path, file.left?.path, file.right?.path])
}

describe('files of a merge', () => {
  it('are one file where a side renamed it, by its new name', () => {
    expect(match({ old: 'a' }, { new: 'a' }, { old: 'b' })).toEqual([['new', 'old', 'new', 'old']])
    expect(match({ old: 'a' }, { old: 'b' }, { new: 'a' })).toEqual([['new', 'old', 'old', 'new']])
    expect(match({ old: 'a' }, { new: 'a' }, { new: 'a' })).toEqual([['new', 'old', 'new', 'new']])
    expect(match({ old: 'a' }, { new: 'a' }, {})).toEqual([['new', 'old', 'new', undefined]])
  })

  it('keep the old name where each side gave another, for a person to choose', () => {
    expect(match({ old: 'a' }, { one: 'a' }, { two: 'a' })).toEqual([['old', 'old', 'one', 'two']])
  })

  it('are not followed to a name that the other side uses for another file', () => {
    expect(match({ old: 'a' }, { new: 'a' }, { old: 'a', new: 'c' })).toEqual([
      ['new', undefined, 'new', 'new'],
      ['old', 'old', undefined, 'old'],
    ])
    expect(match({ a: 'a', b: 'b' }, { x: 'a', b: 'b' }, { a: 'a', x: 'b' })).toHaveLength(3)
  })

  it('are each there once, under names that are all different', () => {
    const files = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2', '3', '4'))
    fc.assert(
      fc.property(files, files, files, (base, left, right) => {
        const found = match(base, left, right)
        expect(new Set(found.map(([path]) => path)).size).toBe(found.length)
        for (const [at, side] of [base, left, right].entries()) {
          const places = found.flatMap(file => file[at + 1] ?? [])
          expect(places.sort()).toEqual(Object.keys(side).sort())
        }
      }),
    )
  })
})

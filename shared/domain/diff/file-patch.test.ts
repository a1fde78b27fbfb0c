import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ManifestEntry } from '../bundle.ts'
import { diffManifests, type FileChange } from '../bundle-diff.ts'
import { filePatch } from './file-patch.ts'

/** A bundle: text by path; `run` files may be executed. */
type Bundle = Record<string, { text: string; run?: boolean }>

/** Stands for the hash of a content: equal for equal texts. */
const manifestOf = (bundle: Bundle): ManifestEntry[] =>
  Object.entries(bundle).map(([path, { text, run = false }]) => ({
    path,
    sha256: Buffer.from(text).toString('hex'),
    size: Buffer.byteLength(text),
    executable: run,
  }))

const entry = (path: string, sha256: string, executable = false) => ({ path, sha256, size: 1, executable })

/** How much of two texts is the same, roughly: whether they begin alike. */
const similarity = (a: Bundle, b: Bundle) => (one: ManifestEntry, other: ManifestEntry) =>
  a[one.path]?.text.slice(0, 4) === b[other.path]?.text.slice(0, 4) ? 0.8 : 0

function patchOf(a: Bundle, b: Bundle): string {
  const changes = diffManifests(manifestOf(a), manifestOf(b), { similarity: similarity(a, b) })
  return changes
    .map(change =>
      filePatch(change, { a: change.left && a[change.left.path]?.text, b: change.right && b[change.right.path]?.text }),
    )
    .join('')
}

/** What `git apply` makes of `a`; throws what git says where it does not take the patch. */
function applied(a: Bundle, patch: string): Bundle {
  const folder = mkdtempSync(join(tmpdir(), 'whetstone-patch-'))
  try {
    for (const [path, { text, run = false }] of Object.entries(a)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
      chmodSync(join(folder, path), run ? 0o755 : 0o644)
    }
    const git = spawnSync('git', ['apply', '--whitespace=nowarn', '-'], { cwd: folder, input: patch, encoding: 'utf8' })
    if (git.status !== 0) throw new Error(`${git.stderr}\n${patch}`)
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
      statSync(join(folder, name)).isFile(),
    )
    return Object.fromEntries(
      names.sort().map(name => {
        const file = { text: readFileSync(join(folder, name), 'utf8') }
        const run = process.platform !== 'win32' && (statSync(join(folder, name)).mode & 0o100) !== 0
        return [name, run ? { ...file, run } : file]
      }),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const GIT = spawnSync('git', ['--version']).status === 0
const LINUX = process.platform === 'linux'

describe('filePatch', () => {
  test('a changed file', () => {
    const change: FileChange = {
      kind: 'changed',
      path: 'SKILL.md',
      left: entry('SKILL.md', 'a'),
      right: entry('SKILL.md', 'b'),
    }
    expect(filePatch(change, { a: 'one\n', b: 'two\n' })).toBe(
      'diff --git a/SKILL.md b/SKILL.md\n--- a/SKILL.md\n+++ b/SKILL.md\n@@ -1 +1 @@\n-one\n+two\n',
    )
  })

  test('a file that is not text has a patch where its content is the same, and none where it is not', () => {
    const [left, right] = [entry('a.bin', 'a'), entry('b.bin', 'a', true)]
    expect(filePatch({ kind: 'renamed', path: 'b.bin', fromPath: 'a.bin', left, right }, { a: null, b: null })).toBe(
      'diff --git a/a.bin b/b.bin\nold mode 100644\nnew mode 100755\nrename from a.bin\nrename to b.bin\n',
    )
    const changed: FileChange = { kind: 'changed', path: 'a.bin', left, right: entry('a.bin', 'b') }
    expect(filePatch(changed, { a: null, b: null })).toBeUndefined()
  })

  test.skipIf(!GIT || !LINUX)('git applies files of every kind and name (needs git, on Linux)', () => {
    const a: Bundle = {
      'changed.md': { text: 'a\nb\nc\n' },
      'crlf.md': { text: 'a\r\nb\r\n' },
      'empty.md': { text: '' },
      'gone.md': { text: 'gone\n' },
      'no end.md': { text: 'no end' },
      'now empty.md': { text: 'something\n' },
      'only mode.sh': { text: 'run\n' },
      'scripts/fill form.py': { text: 'import os\nb\nc\n' },
      'say "hi".md': { text: 'hi\n' },
      'Übung 写作.md': { text: 'eins\n' },
      'tab\there.md': { text: 'tab\n' },
    }
    const b: Bundle = {
      'changed.md': { text: 'a\nB\nc\n\n\n  ' },
      'crlf.md': { text: 'a\r\nB\r\n' },
      'fill.py': { text: 'import os\nB\nc', run: true },
      'new empty.md': { text: '' },
      'new.sh': { text: 'new\n', run: true },
      'no end.md': { text: 'no end\n' },
      'now empty.md': { text: '' },
      'only mode.sh': { text: 'run\n', run: true },
      'say "ho".md': { text: 'hi\n' },
      'Übung 写作.md': { text: 'zwei\n' },
      'tab\there.md': { text: 'TAB\n' },
    }
    expect(applied(a, patchOf(a, b))).toEqual(b)
    expect(applied(b, patchOf(b, a))).toEqual(a)
  })

  test.skipIf(!GIT || !LINUX)('git makes of any bundle what the patch was written from (needs git, on Linux)', () => {
    const names = fc.constantFrom('a', 'b c', 'd/e f', 'g"h', 'ï', "it's", 'back\\slash', ' lead', 'x -> y', 'b/c')
    const text = fc.array(fc.constantFrom('one\n', 'two\r\n', '\n', '-- x\n', ' \n', 'end'), { maxLength: 6 })
    const file = fc.record({ text: text.map(lines => lines.join('')), run: fc.constantFrom(true, undefined) })
    const bundle = fc.dictionary(names, file, { maxKeys: 6 }).map(files =>
      Object.fromEntries(
        Object.entries(files)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .map(([name, { text, run }]) => [name, run ? { text, run } : { text }]),
      ),
    )
    fc.assert(
      fc.property(bundle, bundle, (a, b) => {
        const patch = patchOf(a, b)
        if (patch !== '') expect(applied(a, patch)).toEqual(b)
      }),
      { numRuns: 60 },
    )
  })
})

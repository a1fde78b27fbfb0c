import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyPatch } from './apply-patch.ts'
import { unifiedPatch } from './patch.ts'

const NAMES = { aName: 'a/file', bName: 'b/file' }
const line = fc.constantFrom('a\n', 'b\n', 'c\r\n', '\n', '-- x\n', '++ y\n', '@@ -1 +1 @@\n', '\\ z\n', 'é\n', 'last')
const text = fc.array(line, { maxLength: 30 }).map(parts => parts.join(''))

describe('unifiedPatch', () => {
  it('writes what git writes', () => {
    expect(unifiedPatch('a\nb\nc\nd\ne\nf\n', 'a\nb\nc\nX\ne\nf\n', { ...NAMES, context: 1 })).toBe(
      '--- a/file\n+++ b/file\n@@ -3,3 +3,3 @@\n c\n-d\n+X\n e\n',
    )
    expect(unifiedPatch('', 'x', { aName: '/dev/null', bName: 'b/my file' })).toBe(
      '--- /dev/null\n+++ b/my file\t\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n',
    )
    expect(unifiedPatch('x\n', '', { aName: 'a/"q"', bName: '/dev/null' })).toBe(
      '--- "a/\\"q\\""\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n',
    )
    expect(unifiedPatch('a\n', 'a\n', NAMES)).toBe('')
  })

  it('is applied by our own reader', () => {
    fc.assert(
      fc.property(text, text, fc.nat(4), (a, b, context) => {
        expect(applyPatch(a, unifiedPatch(a, b, { ...NAMES, context }))).toEqual({ kind: 'applied', text: b })
      }),
    )
  })

  const git = spawnSync('git', ['--version']).status === 0
  it.skipIf(!git)(`is applied by git${git ? '' : ' (skipped: git is not installed)'}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'patch-'))
    try {
      fc.assert(
        fc.property(text, text, (a, b) => {
          // Git takes a patch that empties a file for a deletion, and refuses an empty one.
          fc.pre(a !== b && a !== '' && b !== '')
          writeFileSync(join(folder, 'file'), a)
          const input = unifiedPatch(a, b, NAMES)
          const { status, stderr } = spawnSync('git', ['apply', '--whitespace=nowarn', '-'], { cwd: folder, input })
          expect(stderr.toString()).toBe('')
          expect(status).toBe(0)
          expect(readFileSync(join(folder, 'file'), 'utf8')).toBe(b)
        }),
        { numRuns: 40 },
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('applyPatch', () => {
  const patch = unifiedPatch('a\nb\nc\n', 'a\nx\nc\n', NAMES)

  it('refuses a patch for another text, and says where', () => {
    expect(applyPatch('a\nB\nc\n', patch)).toMatchObject({ kind: 'refused', code: 'MISMATCH', line: 5 })
    expect(applyPatch('', patch)).toMatchObject({ kind: 'refused', code: 'MISMATCH' })
  })

  it('refuses what is no patch, or half of one', () => {
    expect(applyPatch('a\n', 'hello\n')).toMatchObject({ code: 'MALFORMED', line: 1 })
    expect(applyPatch('a\nb\nc\n', patch.slice(0, -3))).toMatchObject({ code: 'MALFORMED' })
    expect(applyPatch('a\n', '@@ what @@\n')).toMatchObject({ code: 'MALFORMED', line: 1 })
  })
})

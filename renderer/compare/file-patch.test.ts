import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type FileChange, filePatch } from './file-patch.ts'

const entry = (path: string, executable = false) => ({ path, sha256: 'a'.repeat(64), size: 1, executable })
const GIT = spawnSync('git', ['--version']).status === 0

describe('filePatch', () => {
  test('a changed file', () => {
    const change: FileChange = { kind: 'changed', path: 'SKILL.md', left: entry('SKILL.md'), right: entry('SKILL.md') }
    expect(filePatch(change, 'one\n', 'two\n')).toBe(
      'diff --git a/SKILL.md b/SKILL.md\n--- a/SKILL.md\n+++ b/SKILL.md\n@@ -1 +1 @@\n-one\n+two\n',
    )
  })

  test.skipIf(!GIT)('git applies files that came, went, moved, became executable, or are empty (needs git)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'whetstone-patch-'))
    try {
      mkdirSync(join(folder, 'scripts'))
      writeFileSync(join(folder, 'scripts/fill form.py'), 'a\nb\nc\n')
      writeFileSync(join(folder, 'gone.md'), 'old\n')
      const changes: [FileChange, string | undefined, string | undefined][] = [
        [
          {
            kind: 'renamed',
            path: 'scripts/fill.py',
            fromPath: 'scripts/fill form.py',
            left: entry('scripts/fill form.py'),
            right: entry('scripts/fill.py', true),
          },
          'a\nb\nc\n',
          'a\nB\nc',
        ],
        [{ kind: 'removed', path: 'gone.md', left: entry('gone.md') }, 'old\n', undefined],
        [{ kind: 'added', path: 'new.md', right: entry('new.md') }, undefined, 'new\n'],
        [{ kind: 'added', path: 'empty.md', right: entry('empty.md') }, undefined, ''],
      ]
      const input = changes.map(([change, a, b]) => filePatch(change, a, b)).join('')
      const git = spawnSync('git', ['apply', '--whitespace=nowarn', '-'], { cwd: folder, input, encoding: 'utf8' })
      expect(git.stderr).toBe('')
      const read = (path: string) => readFileSync(join(folder, path), 'utf8')
      expect([read('scripts/fill.py'), read('new.md'), read('empty.md')]).toEqual(['a\nB\nc', 'new\n', ''])
      expect(() => read('gone.md')).toThrow()
      expect(() => read('scripts/fill form.py')).toThrow()
      if (process.platform !== 'win32') expect(statSync(join(folder, 'scripts/fill.py')).mode & 0o100).toBe(0o100)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

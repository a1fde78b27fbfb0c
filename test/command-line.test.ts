import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectDir, temporaryFolder } from './support/backend.ts'

/** The real command in a process of its own, on a library of this file's own. */
let folder: string
const cli = (...args: string[]) => {
  const run = spawnSync(
    process.execPath,
    [path.join(projectDir, 'electron', 'entry', 'cli.ts'), '--data', path.join(folder, 'data'), ...args],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
  )
  return { code: run.status, out: run.stdout, err: run.stderr }
}
const json = (...args: string[]) => JSON.parse(cli('--json', ...args).out)
const skillMd = (name: string, more = '') => `---\nname: ${name}\ndescription: About ${name}\n---\n# ${name}\n${more}`
const put = (name: string, text: string) => {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
  fs.writeFileSync(path.join(folder, name), text)
}

beforeAll(() => {
  folder = temporaryFolder()
  put('skills/good/SKILL.md', skillMd('good'))
  put('skills/good/scripts/run.sh', 'echo hi\n')
  put('skills/other/SKILL.md', '---\nname: other\ndescription: Other\nversion: 1\n---\n')
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

describe('whetstone', () => {
  test('import, list, versions: what a folder brings, for people and for machines', () => {
    expect(cli('import', 'skills')).toMatchObject({ code: 0, out: '2 added, 0 updated, 0 as they were; 2 versions.\n' })
    expect(json('import', 'skills')).toMatchObject({ skillsUnchanged: 2, versionsAdded: 0 })
    expect(cli('list').out).toMatch(/^SKILL .*\ngood +v1 +draft +0 /)
    expect(json('list', 'oth')).toMatchObject([{ slug: 'other', newest: { number: 1 }, checks: { errors: 1 } }])
    put('skills/good/SKILL.md', skillMd('good', 'A second line.\n'))
    cli('import', 'skills')
    expect(json('versions', 'good').map((version: { number: number }) => version.number)).toEqual([2, 1])
  })

  test('a clean import is 0, one with something to look at is 1, none is 2', () => {
    put('mixed/fine/SKILL.md', skillMd('fine'))
    put('mixed/latin/SKILL.md', '')
    fs.writeFileSync(path.join(folder, 'mixed/latin/SKILL.md'), Buffer.from([0x2d, 0xe9]))
    const mixed = cli('import', 'mixed')
    expect(mixed.code).toBe(1)
    expect(mixed.out).toContain('latin')
    const nowhere = cli('import', 'nowhere')
    expect(nowhere).toMatchObject({ code: 2, out: '' })
    expect(nowhere.err).toContain('nowhere')
    expect(nowhere.err).not.toContain('    at ')
  })

  test('validate: 0 when nothing is wrong, 1 when something is, by any profile, on disk and in the library', () => {
    expect(cli('validate', 'skills/good').code).toBe(0)
    const strict = cli('validate', 'skills')
    expect(strict.code).toBe(1)
    expect(strict.out).toMatch(/other\/SKILL\.md:4:1: error: .*version.* \[FIELD_UNKNOWN\]/)
    expect(cli('validate', 'skills', '--profile', 'claude-code').code).toBe(0)
    expect(json('validate', 'good', 'other')).toMatchObject({ checked: 2, errors: 1 })
  })

  test('diff: a patch that applies, 0 when the same and 1 when not, between versions and folders', () => {
    const differs = cli('diff', 'good@1', 'good@2')
    expect(differs.code).toBe(1)
    expect(differs.out).toBe(
      'diff --git a/SKILL.md b/SKILL.md\n--- a/SKILL.md\n+++ b/SKILL.md\n@@ -3,3 +3,4 @@\n description: About good\n ---\n # good\n+A second line.\n',
    )
    expect(cli('diff', 'good', 'skills/good')).toMatchObject({ code: 0, out: '' })
    expect(json('diff', 'good@1', 'other')).toMatchObject({
      changes: [{ path: 'SKILL.md' }, { kind: 'removed', path: 'scripts/run.sh' }],
    })
  })

  test.skipIf(process.platform === 'win32')(
    'diff: what is printed is a patch to the byte, also of modes and empty files',
    () => {
      put('from/good/SKILL.md', skillMd('good', 'end'))
      put('from/good/run.sh', 'run\n')
      fs.cpSync(path.join(folder, 'from'), path.join(folder, 'to'), { recursive: true })
      expect(cli('diff', 'from/good', 'to/good')).toMatchObject({ code: 0, out: '', err: 'The two are the same.\n' })
      fs.chmodSync(path.join(folder, 'to/good/run.sh'), 0o755)
      const mode = 'diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n'
      expect(cli('diff', 'from/good', 'to/good')).toMatchObject({ code: 1, out: mode, err: '1 file differs\n' })
      put('to/good/SKILL.md', skillMd('good', 'end\n\n  \n\n'))
      put('to/good/empty.md', '')
      fs.writeFileSync(path.join(folder, 'to/good/logo.bin'), Buffer.from([0, 1, 2]))
      const differs = cli('diff', 'from/good', 'to/good')
      expect(differs.err).toContain('logo.bin (added) is not in the patch')
      const git = spawnSync('git', ['apply', '-'], { cwd: path.join(folder, 'from/good'), input: differs.out })
      expect(git.status, `${git.stderr}`).toBe(0)
      for (const name of ['SKILL.md', 'empty.md', 'run.sh'])
        expect(fs.readFileSync(path.join(folder, 'from/good', name))).toEqual(
          fs.readFileSync(path.join(folder, 'to/good', name)),
        )
    },
  )

  test('export: exactly the folder that came in, never over other files unless told', () => {
    const written = cli('export', 'good', 'out')
    expect(written).toMatchObject({ code: 0, out: `${path.join(folder, 'out', 'good')}\n` })
    expect(cli('diff', 'out/good', 'skills/good').code).toBe(0)
    expect(cli('export', 'good', 'out').code).toBe(2)
    expect(cli('export', 'good@1', 'out', '--force').code).toBe(0)
    const zip = cli('export', 'good', 'out', '--zip').out.trim()
    expect(fs.readFileSync(zip).subarray(0, 2).toString()).toBe('PK')
  })

  test('says in one sentence what it does not know', () => {
    for (const args of [
      ['versions', 'nope'],
      ['diff', 'good@9', 'good'],
      ['export', 'good@published', 'out'],
      ['frobnicate'],
    ]) {
      const run = cli(...args)
      expect(run.code, args.join(' ')).toBe(2)
      expect(run.err.trim().length).toBeGreaterThan(10)
      expect(run.err).not.toContain('    at ')
    }
    expect(cli('--help').code).toBe(0)
  })

  test('a library that is broken is named, and left alone', () => {
    const broken = path.join(folder, 'broken')
    fs.mkdirSync(broken)
    fs.writeFileSync(path.join(broken, 'library.db'), 'x'.repeat(5000))
    const run = spawnSync(
      process.execPath,
      [path.join(projectDir, 'electron/entry/cli.ts'), '--data', broken, 'list'],
      { encoding: 'utf8' },
    )
    expect(run.status).toBe(2)
    expect(run.stderr).toContain('library.db')
    expect(fs.readFileSync(path.join(broken, 'library.db'), 'utf8')).toBe('x'.repeat(5000))
  })
})

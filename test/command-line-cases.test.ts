import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectDir, temporaryFolder } from './support/backend.ts'

/** The real command in a process of its own, on a library of this file's own. */
let folder: string
const cli = (...args: string[]) => {
  const entry = path.join(projectDir, 'electron', 'entry', 'cli.ts')
  const run = spawnSync(process.execPath, [entry, '--data', path.join(folder, 'data'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { code: run.status, out: run.stdout, err: run.stderr }
}
const put = (name: string, text: string) => {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
  fs.writeFileSync(path.join(folder, name), text)
}

beforeAll(() => {
  folder = temporaryFolder()
  for (const name of ['good', 'copy'])
    put(`skills/${name}/SKILL.md`, `---\nname: ${name}\ndescription: About it\n---\n`)
  put(
    'evals.json',
    JSON.stringify({
      evals: [
        { id: 1, prompt: 'Say hello', expectations: ['is kind'] },
        { id: 2, prompt: 'Say bye' },
      ],
    }),
  )
  put('odd.json', JSON.stringify({ evals: [{ id: 1, prompt: 'Say hello', expectations: ['is kind'], hint: 1 }] }))
  put(
    'workspace/benchmark.json',
    JSON.stringify({ iteration: 2, with_skill: { evals: [{ eval_id: 1, pass_count: 3, total: 4 }] } }),
  )
  cli('import', 'skills')
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

describe('whetstone cases and results', () => {
  test('cases come in, are shown, go out in each form, and come in elsewhere the same', () => {
    expect(cli('cases', 'import', 'good', 'evals.json', '--look')).toMatchObject({
      code: 0,
      out: 'Would be: 2 added, 0 updated, 0 as they were (skill-creator).\n',
    })
    expect(cli('cases', 'import', 'good', 'evals.json')).toMatchObject({
      code: 0,
      out: '2 added, 0 updated, 0 as they were (skill-creator).\n',
    })
    const odd = cli('cases', 'import', 'good', 'odd.json')
    expect(odd).toMatchObject({
      code: 1,
      out: '0 added, 0 updated, 1 as they were (skill-creator).\n  odd.json: evals[0].hint: Not understood, so not taken.\n',
    })
    expect(cli('cases', 'list', 'good').out).toMatch(/^CASE .*\n1: Say hello +1 +1 +0 +Say hello\n2: Say bye/)
    const { setHash } = JSON.parse(cli('--json', 'cases', 'list', 'good').out)
    for (const [form, file] of [
      ['promptfoo', 'promptfooconfig.yaml'],
      ['csv', 'cases.csv'],
      ['skill-creator', 'evals.json'],
    ] as const) {
      expect(cli('cases', 'export', 'good', `out-${form}`, '--form', form)).toMatchObject({
        code: 0,
        out: `${path.join(folder, `out-${form}`, file)}\n`,
      })
      cli('cases', 'import', 'copy', `out-${form}/${file}`)
      expect(JSON.parse(cli('--json', 'cases', 'list', 'copy').out).setHash, form).toBe(setHash)
    }
    expect(cli('cases', 'export', 'good', 'out-csv', '--form', 'csv')).toMatchObject({
      code: 2,
      err: expect.stringContaining('is there already'),
    })
    expect(cli('cases', 'export', 'good', '-', '--form', 'csv').out).toMatch(/^id,name,prompt/)
  })

  test('results come in once', () => {
    const first = cli('results', 'import', 'good', 'workspace')
    expect(first).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 runs added with 1 results, 0 known already'),
    })
    expect(first.out).toMatch(/iteration-2 +with_skill +unknown +1 +75\.0 +75\.0%/)
    expect(cli('results', 'import', 'good', 'workspace').out).toContain('0 runs added with 0 results, 1 known already')
  })

  test('what is not there or not read is said in one sentence', () => {
    for (const args of [
      ['cases', 'import', 'good', 'nothing.json'],
      ['results', 'import', 'good', 'skills'],
      ['cases', 'list', 'nobody'],
    ]) {
      const failed = cli(...args)
      expect(failed).toMatchObject({ code: 2, out: '' })
      expect(
        failed.err
          .trim()
          .split('\n')
          .filter(line => !line.startsWith('(')),
      ).toHaveLength(1)
    }
  })
})

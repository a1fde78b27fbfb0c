import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectDir, temporaryFolder } from './support/backend.ts'

/** What a terminal would obey, or show as something else. */
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/
const HOSTILE = '\u001b]52;c;cm0gLXJm\u0007\u001b[2J\u009b31m\u202egnp\u2066\r'

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
  const file = path.join(folder, name)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text)
}

beforeAll(() => {
  folder = temporaryFolder()
  const said = JSON.stringify(HOSTILE)
  put('repo/evil/SKILL.md', `---\nname: ${said}\ndescription: ${said}\nodd: 1\n---\n[x](${HOSTILE.trim()}/x)\n`)
  put(`repo/evil/\u001b[2Jodd.md`, 'x')
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', `user.name=Eve ${HOSTILE.trim()}`, '-c', 'user.email=e@x', ...args], {
      cwd: path.join(folder, 'repo'),
    })
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '--cleanup=verbatim', '-m', `Subject ${HOSTILE}`)
  put(
    'evals.json',
    JSON.stringify({ evals: [{ id: 1, name: HOSTILE, prompt: HOSTILE, expectations: [HOSTILE], [HOSTILE]: 1 }] }),
  )
  put(
    'results.csv',
    `case,score,configuration,run,model,${HOSTILE.trim()}\n${HOSTILE.trim()},90,c${HOSTILE.trim()},r,m\u001b[1m,1\n`,
  )
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

describe('whetstone on names, messages and files of a stranger', () => {
  const clean = (...args: string[]): string => {
    const { out, err } = cli(...args)
    expect({ args, found: OBEYED.exec(out + err)?.[0] }).toEqual({ args, found: undefined })
    return out
  }
  let slug = ''
  beforeAll(() => {
    clean('import', 'repo')
    const rows: { slug: string; description: string }[] = JSON.parse(clean('--json', 'list'))
    // The library holds it as it is: it is the terminal that must not get it.
    expect(rows[0]?.description).toContain('\u001b]52')
    slug = rows[0]?.slug ?? ''
  })

  test.each<[string, () => string[]]>([
    ['list', () => ['list']],
    ['versions', () => ['versions', slug]],
    ['versions as JSON', () => ['--json', 'versions', slug]],
    ['validate', () => ['validate', 'repo']],
    ['an import of what is not there', () => ['import', `${HOSTILE} nowhere`]],
    ['an import of cases', () => ['cases', 'import', slug, 'evals.json']],
    ['an import of results', () => ['results', 'import', slug, 'results.csv']],
    ['an export', () => ['export', slug, `out${HOSTILE.trim()}`]],
    ['a verb that there is not', () => [HOSTILE]],
  ])('%s writes nothing that a terminal obeys', (_, args) => {
    clean(...args())
  })

  test('cases are shown with what they are called, escaped', () => {
    clean('cases', 'import', slug, 'evals.json')
    expect(clean('cases', 'list', slug)).toContain('\\u001b]52')
  })
})

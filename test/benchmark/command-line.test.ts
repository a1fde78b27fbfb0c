import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectDir, temporaryFolder } from '../support/backend.ts'
import { type ModelServer, modelServer } from '../support/model-server.ts'

/** The real command in a process of its own, against a real server. */
let folder = ''
let server: ModelServer
type Ended = { code: number | null; out: string; err: string }
const cli = (...args: string[]): Promise<Ended> =>
  new Promise(resolve => {
    const argv = [path.join(projectDir, 'electron', 'entry', 'cli.ts'), '--data', path.join(folder, 'data'), ...args]
    const env = { ...process.env, NO_COLOR: '1', LOCAL_KEY: 'key-from-environment' }
    const child = spawn(process.execPath, argv, { cwd: folder, env })
    let [out, err] = ['', '']
    child.stdout.on('data', chunk => {
      out += chunk
    })
    child.stderr.on('data', chunk => {
      err += chunk
    })
    child.once('close', code => resolve({ code, out, err }))
  })
const put = (name: string, text: string) => {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
  fs.writeFileSync(path.join(folder, name), text)
}
const skillMd = (body: string) => `---\nname: brief\ndescription: Writes briefs.\n---\n${body}\n`

beforeAll(async () => {
  folder = temporaryFolder()
  server = await modelServer(request => {
    const read = [request.system, ...request.messages.flatMap(message => message.toolResults)].join('\n')
    if (request.tools.length > 0 && !read.includes('BODY'))
      return { toolCalls: [{ name: 'use_skill', input: { name: 'brief' } }] }
    const spoilt = read.includes('SPOILT') && request.messages[0]?.text === 'Question 2?'
    return { text: read.includes('BODY') && !spoilt ? 'a good brief' : 'something' }
  })
  put('skills/brief/SKILL.md', skillMd('BODY one'))
  await cli('import', 'skills')
  put('skills/brief/SKILL.md', skillMd('BODY two SPOILT'))
  await cli('import', 'skills')
  const evals = Array.from(
    { length: 8 },
    (_, n) => `Case ${n},Question ${n}?,contains:good,${n < 3 ? 'early' : 'late'}`,
  )
  put('cases.csv', `name,question,__expected,tags\n${evals.join('\n')}\n`)
  const made = await cli('cases', 'import', 'brief', 'cases.csv', '--form', 'csv')
  if (made.code === 2) throw new Error(made.err)
  await cli(
    'benchmark',
    'provider',
    'local',
    '--url',
    server.url,
    '--key-variable',
    'LOCAL_KEY',
    '--price',
    'north=1,5',
  )
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  fs.rmSync(folder, { recursive: true, force: true })
})

describe('whetstone benchmark', () => {
  test('asks nobody before somebody agreed', async () => {
    const refused = await cli('benchmark', 'run', 'brief@1', '--model', 'local/north')
    expect(refused).toMatchObject({ code: 2, out: '' })
    expect(refused.err).toContain('8 cells')
    expect(refused.err).toContain('No model was asked')
    const plan = await cli('--json', 'benchmark', 'run', 'brief@1', '--model', 'local/north', '--plan')
    expect(JSON.parse(plan.out)).toMatchObject({ cells: 8, cached: 0, unpriced: [] })
    const part = ['--tag', 'early', '--case', 'Case 1', 'Case 7']
    const fewer = await cli('--json', 'benchmark', 'run', 'brief@1', '--model', 'local/north', '--plan', ...part)
    expect(JSON.parse(fewer.out)).toMatchObject({ cells: 4 })
    const nobody = await cli('benchmark', 'run', 'brief@1', '--model', 'local/north', '--plan', '--tag', 'odd')
    expect(nobody).toMatchObject({ code: 2, err: expect.stringContaining('No case has the tag “odd”.') })
    expect(server.requests).toHaveLength(0)
  })

  test('runs, says it in words, writes reports, and shuts the gate where a case that passed fails', async () => {
    const files = ['--junit', 'report.xml', '--markdown', 'report.md']
    const args = ['--model', 'local/north', '--budget', '1', '--gate', ...files]
    const shut = await cli('benchmark', 'run', 'brief@2', '--against', '1', ...args)
    expect(shut.err).toContain('8 of')
    expect(shut).toMatchObject({ code: 1 })
    expect(shut.out).toContain('v2 against v1: ')
    expect(shut.out).toContain('Gate shut: A case that passed now fails: “Case 2”.')
    expect(server.requests[0]?.key).toBe('key-from-environment')
    expect(fs.readFileSync(path.join(folder, 'report.xml'), 'utf8')).toMatch(/<testsuites [^>]*tests="16" failures="1"/)
    expect(fs.readFileSync(path.join(folder, 'report.md'), 'utf8')).toContain('# Benchmark report')
    const asked = server.requests.length
    const open = await cli('--json', 'benchmark', 'run', 'brief@1', '--against', 'none', ...args)
    expect(open.code).toBe(0)
    expect(JSON.parse(open.out)).toMatchObject({
      batch: { state: 'completed', cells: 16 },
      gate: { open: true },
      comparison: { verdict: 'better', reasons: [] },
    })
    // The version's cells were known; only the baseline was asked.
    expect(server.requests).toHaveLength(asked + 8)
  })

  test('list, show, compare: what is there, one of them, and two', async () => {
    const { runs } = JSON.parse((await cli('--json', 'benchmark', 'list', 'brief')).out)
    expect(runs.map((run: { label: string }) => run.label).sort()).toEqual(['no skill', 'v1', 'v1', 'v2'])
    const [v2, none] = ['v2', 'no skill'].map(label => runs.find((run: { label: string }) => run.label === label).id)
    expect((await cli('benchmark', 'show', v2)).out).toContain('Case 2')
    const compared = await cli('benchmark', 'compare', none, v2)
    expect(compared).toMatchObject({ code: 0, err: '' })
    expect(compared.out).toMatch(/^better: \+87\.5 points/)
  })

  test('what cannot be run says why: 2', async () => {
    expect(await cli('benchmark', 'run', 'brief', '--model', 'nobody/x', '--yes')).toMatchObject({
      code: 2,
      err: expect.stringContaining('no provider “nobody”'),
    })
    expect(await cli('benchmark', 'run', 'brief', '--model', 'local/unpriced', '--budget', '1')).toMatchObject({
      code: 2,
      err: expect.stringContaining('budget cannot hold'),
    })
    expect(await cli('benchmark', 'run', 'brief', '--model', 'local/north', '--repeats', 'often')).toMatchObject({
      code: 2,
    })
  })
})

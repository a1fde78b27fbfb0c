import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAgentOutput } from '../../electron/benchmark/agent-output.ts'
import { type AgentTask, COMMAND_PRESETS, runAgentCommand } from '../../electron/benchmark/command-runner.ts'
import { temporaryFolder } from '../support/backend.ts'
import { field, RESULTS } from './field.ts'

let folder = ''
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/** A program that stands for an agent: plain Node. */
const agent = (name: string, code: string): string[] => {
  const file = path.join(folder, `${name}.cjs`)
  fs.writeFileSync(file, code)
  return [process.execPath, file]
}
const TELLING = `
const fs = require('node:fs')
const prompt = fs.readFileSync(0, 'utf8')
const seen = { prompt, cwd: process.cwd(), args: process.argv.slice(2), files: fs.readdirSync('.', { recursive: true }).sort(), env: Object.keys(process.env).sort() }
fs.appendFileSync(${JSON.stringify('LOG')}, JSON.stringify(seen) + '\\n')
console.log(JSON.stringify({ type: 'result', result: 'did: ' + prompt, is_error: false, num_turns: 3, total_cost_usd: 0.0123,
  usage: { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 7, cache_creation_input_tokens: 2 } }))
`
const host = (more: Record<string, string> = {}) => ({
  environment: { ...process.env, ...more },
  platform: process.platform,
  tempDir: folder,
  now: Date.now,
})
const fields = (argv: string[], timeLimitMs = 20_000) => ({
  name: 'Agent',
  argv,
  form: 'text' as const,
  layout: '.claude/skills' as const,
  variables: [],
  timeLimitMs,
})
const NOTHING = { prompt: 'Go.', skills: [], files: [] }
const leftovers = () => fs.readdirSync(folder).filter(name => name.startsWith('whetstone-agent-'))

describe('an agent’s command line as a contestant', () => {
  test('runs only what was agreed to, with the skill installed, and reads output, tokens and cost', async () => {
    const log = path.join(folder, 'log.jsonl')
    const argv = [...agent('telling', TELLING.replace('LOG', log)), '$(touch injected)', '; echo hi']
    await using at = await field(() => ({ text: 'x' }), {
      environment: { ...process.env, WANTED: 'yes', SECRET_TOKEN: 'no' },
    })
    const version = await at.save('# Body', { files: { 'references/a.md': 'A' } })
    at.addCases([{ prompt: 'Write a brief.', assertions: [{ type: 'contains', value: 'did: Write' }] }])
    const saved = await at.api.agentCommands.save({ ...fields(argv), form: 'claude-code', variables: ['WANTED'] })
    expect(saved.consented).toBe(false)
    expect(saved.text).toContain('"$(touch injected)"')
    const over = {
      subjects: [{ kind: 'version' as const, id: version }, { kind: 'none' as const }],
      contestants: [{ kind: 'command' as const, commandId: saved.id }],
    }
    await expect(at.api.benchmarks.plan(at.input(over))).rejects.toMatchObject({
      data: { reasons: [expect.stringContaining('Nobody has agreed')] },
    })
    // Not to this text, but to one that only looks like it.
    expect(at.backend.allowProgram(`${saved.text} `)).toBe(true)
    await expect(at.api.benchmarks.plan(at.input(over))).rejects.toMatchObject({ code: 'PLAN_IMPOSSIBLE' })
    expect(at.backend.allowProgram(saved.text)).toBe(true)
    expect(await at.run(over)).toMatchObject({ state: 'completed', done: 2, failed: 0, spentMicrocents: 2 * 1_230_000 })
    const rows = at.rows(RESULTS)
    expect(rows[0]).toMatchObject({
      output_produced: 'did: Write a brief.',
      model_name: 'Agent',
      model_provider: 'command',
      input_tokens: 10,
      cache_read_tokens: 7,
      total_tokens: 24,
      estimated_cost_microcents: 1_230_000,
      quality_score: 100,
    })
    const seen = fs
      .readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const installed = seen.filter(one => one.files.includes('.claude/skills/brief/SKILL.md'))
    expect(installed).toHaveLength(1)
    expect(installed[0].files).toContain('.claude/skills/brief/references/a.md')
    for (const one of seen) {
      expect(one.args).toEqual(['$(touch injected)', '; echo hi'])
      expect(one.env).toContain('WANTED')
      expect(one.env).not.toContain('SECRET_TOKEN')
      expect(fs.existsSync(one.cwd)).toBe(false)
    }
    expect(new Set(seen.map(one => one.cwd)).size).toBe(2)
    // The same again costs nothing; a changed command asks again.
    expect(await at.run(over)).toMatchObject({ state: 'completed', spentMicrocents: 0 })
    const changed = await at.api.agentCommands.save({ ...fields([...argv, 'more'], 9_000), id: saved.id })
    expect(changed.consented).toBe(false)
    // What is left out of a change stays.
    const { timeLimitMs: _, ...named } = { ...fields(argv), name: 'Renamed', id: saved.id }
    expect(await at.api.agentCommands.save(named)).toMatchObject({ name: 'Renamed', timeLimitMs: 9_000 })
  })

  test('what agents say they cost counts: beyond the ceiling none is started', async () => {
    const log = path.join(folder, 'costs.jsonl')
    await using at = await field(() => ({ text: 'x' }))
    at.addCases(Array.from({ length: 6 }, (_, n) => ({ prompt: `Question ${n}?` })))
    const argv = agent('costly', TELLING.replace('LOG', log))
    const { id: commandId, text } = await at.api.agentCommands.save({ ...fields(argv), form: 'claude-code' })
    at.backend.allowProgram(text)
    const over = { contestants: [{ kind: 'command' as const, commandId }], budgetMicrocents: 2_000_000 }
    const batch = await at.run({ ...over, acceptUnpriced: true })
    expect(batch).toMatchObject({ state: 'paused', reason: expect.stringContaining('budget'), unpriced: 0 })
    // Two at once, at 1,230,000 each: when the ceiling is passed, one more may be under way.
    expect(batch.done).toBeGreaterThanOrEqual(2)
    expect(batch.done).toBeLessThanOrEqual(3)
    expect(batch.spentMicrocents).toBe(batch.done * 1_230_000)
    expect(fs.readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(batch.done)
  })

  test('one that takes too long is ended with everything it started', async () => {
    const pids = path.join(folder, 'pids')
    const code = `
      const { spawn } = require('node:child_process')
      const fs = require('node:fs')
      const grandchild = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], { stdio: 'inherit' })
      process.on('SIGTERM', () => {})
      grandchild.once('spawn', () => fs.writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + grandchild.pid))
      setInterval(() => {}, 1000)`
    const outcome = await runAgentCommand(
      fields(agent('stubborn', code), 1_500),
      NOTHING,
      host(),
      new AbortController().signal,
    )
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: { code: 'timeout', words: expect.stringContaining('1.5 s') },
    })
    for (const pid of fs.readFileSync(pids, 'utf8').split(' '))
      await expect.poll(() => running(Number(pid)), { timeout: 10_000 }).toBe(false)
    expect(leftovers()).toEqual([])
  })

  test('what it left running when it ended is ended too', async () => {
    const pidFile = path.join(folder, 'left')
    const code = `
      const { spawn } = require('node:child_process')
      const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
      left.once('spawn', () => { require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(left.pid)); console.log('done'); process.exit(0) })`
    const outcome = await runAgentCommand(fields(agent('leaving', code)), NOTHING, host(), new AbortController().signal)
    expect(outcome).toMatchObject({ kind: 'told', told: { output: 'done', cost: null, usage: { input: null } } })
    await expect.poll(() => running(Number(fs.readFileSync(pidFile, 'utf8'))), { timeout: 10_000 }).toBe(false)
  })

  test('failures in words: no such program, an exit code, an output of another form', async () => {
    const { signal } = new AbortController()
    expect(await runAgentCommand(fields(['no-such-program-here']), NOTHING, host(), signal)).toMatchObject({
      failure: { stops: true, words: expect.stringContaining('could not be started') },
    })
    const bad = fields(agent('bad', 'console.error("no login"); process.exit(3)'))
    expect(await runAgentCommand(bad, NOTHING, host(), signal)).toMatchObject({
      failure: { stops: false, words: 'Agent ended with 3. no login' },
    })
    const plain = { ...fields(agent('plain', 'console.log("hi")')), form: 'claude-code' as const }
    expect(await runAgentCommand(plain, NOTHING, host(), signal)).toMatchObject({ failure: { code: 'malformed' } })
    expect(leftovers()).toEqual([])
  })

  test('a path that leads out of the folder is not written, and the command is not started', async () => {
    const file = { path: '../outside', bytes: Buffer.from('x'), executable: false }
    const run = (task: Partial<AgentTask>) =>
      runAgentCommand(fields(agent('p', '')), { ...NOTHING, ...task }, host(), new AbortController().signal)
    const refused = {
      kind: 'failed',
      failure: { code: 'refused', words: expect.stringMatching(/^Agent was not started: .*points outside/) },
    }
    expect(await run({ skills: [{ name: 'brief', files: [file] }] })).toMatchObject(refused)
    expect(await run({ files: [{ ...file, path: '../../outside' }] })).toMatchObject(refused)
    expect(fs.existsSync(path.join(folder, 'outside'))).toBe(false)
    expect(leftovers()).toEqual([])
  })

  test('a slug decides only what the skill’s folder is called, never where it is', async () => {
    const code = `console.log(require('node:fs').readdirSync('.', { recursive: true }).sort().join(' '))`
    for (const [slug, name] of [
      ['..', 'skill'],
      ['../../../x', 'x'],
      ['.claude', 'claude'],
      ['a/b', 'a-b'],
      ['con', 'con-skill'],
    ]) {
      const task = {
        ...NOTHING,
        skills: [{ name: slug ?? '', files: [{ path: 'settings.json', bytes: Buffer.from('{}'), executable: false }] }],
      }
      const outcome = await runAgentCommand(fields(agent('list', code)), task, host(), new AbortController().signal)
      const output = `.claude .claude/skills .claude/skills/${name} .claude/skills/${name}/settings.json`
      expect(outcome, slug).toMatchObject({ kind: 'told', told: { output } })
    }
  })

  test('a relative folder of the PATH is not searched: files of a colleague’s lie where it would lead', async () => {
    const printed = await runAgentCommand(
      fields(agent('path', 'console.log(process.env.PATH)')),
      NOTHING,
      host({ PATH: ['.', 'bin', '', '/usr/bin'].join(path.delimiter) }),
      new AbortController().signal,
    )
    expect(printed).toMatchObject({ told: { output: '/usr/bin' } })
  })
})

describe.skipIf(process.platform === 'win32')('processes that a command leaves in a session of their own', () => {
  /** Each notes its number, then waits for ever, deaf to being asked to end. */
  const WAIT = `trap "" TERM HUP INT; echo $$ >> "$PIDS"; while :; do sleep 1; done`
  const leave = async (how: string, many: number, last = 'console.log("done")') => {
    const pids = path.join(folder, 'pids-of-left')
    fs.rmSync(pids, { force: true })
    const code = `
      const { spawn } = require('node:child_process')
      const fs = require('node:fs')
      spawn('/bin/sh', ['-c', ${JSON.stringify(how)}], { stdio: 'inherit', env: { ...process.env, PIDS: ${JSON.stringify(pids)}, WAIT: ${JSON.stringify(WAIT)} } })
      const look = () => {
        const there = fs.existsSync(${JSON.stringify(pids)}) ? fs.readFileSync(${JSON.stringify(pids)}, 'utf8').trim().split('\\n').length : 0
        if (there < ${many}) setTimeout(look, 5)
        else { ${last}; process.exit(0) }
      }
      look()`
    const outcome = await runAgentCommand(fields(agent('left', code)), NOTHING, host(), new AbortController().signal)
    const started = fs.readFileSync(pids, 'utf8').trim().split('\n').map(Number)
    expect(started).toHaveLength(many)
    expect(started.filter(running)).toEqual([])
    return outcome
  }

  test('setsid, a double fork and nohup are found, ended and told', async () => {
    const how = `setsid sh -c "$WAIT" & (setsid sh -c "$WAIT" </dev/null >/dev/null 2>&1 &) & nohup setsid sh -c "$WAIT" >/dev/null 2>&1 &`
    expect(await leave(how, 3)).toMatchObject({
      kind: 'told',
      // Each of the three waits by a program of its own.
      told: {
        output: 'done',
        note: expect.stringMatching(/^\d+ processes that the command left running were ended\.$/),
      },
    })
  })

  test('one that holds the output open ends with the command, not at its time limit', async () => {
    expect(await leave(`setsid sh -c "$WAIT" &`, 1)).toMatchObject({ kind: 'told', told: { output: 'done' } })
  })

  test('a failure tells of them too; a command that leaves nothing has nothing told', async () => {
    const outcome = await leave(`setsid sh -c "$WAIT" &`, 1, 'process.exit(3)')
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: { words: expect.stringMatching(/ended with 3.*left running w(as|ere) ended/) },
    })
    const quiet = fields(agent('quiet', 'console.log("hi")'))
    const { signal } = new AbortController()
    expect(await runAgentCommand(quiet, NOTHING, host(), signal)).not.toHaveProperty('told.note')
  })

  test('others of this computer’s processes are let be', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true })
    try {
      await leave(`setsid sh -c "$WAIT" &`, 1)
      expect(running(other.pid ?? 0)).toBe(true)
    } finally {
      other.kill('SIGKILL')
    }
  })
})

const running = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // A process that nobody has waited for still has a number.
    return !/^State:\s+Z/m.test(
      fs.existsSync(`/proc/${pid}/status`) ? fs.readFileSync(`/proc/${pid}/status`, 'utf8') : '',
    )
  } catch {
    return false
  }
}

describe('what agents write', () => {
  test('Codex: events a line; cached tokens are among the input', () => {
    const text = [
      { type: 'thread.started', thread_id: 't' },
      { type: 'item.completed', item: { type: 'reasoning', text: 'hm' } },
      { type: 'item.completed', item: { type: 'agent_message', text: 'first' } },
      { type: 'item.completed', item: { type: 'agent_message', text: 'last' } },
      { type: 'turn.completed', usage: { input_tokens: 100, cached_input_tokens: 60, output_tokens: 20 } },
    ]
    const read = readAgentOutput('codex', text.map(event => JSON.stringify(event)).join('\n'))
    expect(read).toMatchObject({
      output: 'last',
      usage: { input: 40, output: 20, cacheRead: 60 },
      cost: null,
      error: null,
    })
    const failed = JSON.stringify({ type: 'turn.failed', error: { message: 'usage limit' } })
    expect(readAgentOutput('codex', failed)).toMatchObject({ error: 'usage limit', usage: { input: null } })
    expect(readAgentOutput('codex', 'not json')).toBeUndefined()
  })

  test('Gemini: tokens of every model that took part, thoughts among the output', () => {
    const tokens = { prompt: 100, candidates: 20, cached: 30, thoughts: 5, tool: 0, total: 125 }
    const text = JSON.stringify({ response: 'hi', stats: { models: { pro: { tokens }, flash: { tokens } } } })
    expect(readAgentOutput('gemini', text)).toMatchObject({
      output: 'hi',
      usage: { input: 140, output: 50, cacheRead: 60 },
    })
    expect(readAgentOutput('gemini', JSON.stringify({ response: 'hi', stats: 'none' }))).toMatchObject({
      output: 'hi',
      usage: { input: null, output: null },
    })
  })

  test('Claude Code: one object, a list, or lines; an error is one', () => {
    const result = { type: 'result', result: 'hi', is_error: false, total_cost_usd: 0.5 }
    for (const text of [
      JSON.stringify(result),
      JSON.stringify([{ type: 'system' }, result]),
      `{"type":"system"}\n${JSON.stringify(result)}`,
    ])
      expect(readAgentOutput('claude-code', text)).toMatchObject({
        output: 'hi',
        cost: 50_000_000,
        usage: { input: null },
      })
    const failed = JSON.stringify({ ...result, is_error: true, result: 'Invalid API key' })
    expect(readAgentOutput('claude-code', failed)).toMatchObject({ error: 'Invalid API key' })
  })

  test('every preset says where skills go and takes the prompt on standard input', () => {
    expect(COMMAND_PRESETS.map(preset => preset.name)).toEqual(['Claude Code', 'Codex', 'Gemini CLI'])
    for (const preset of COMMAND_PRESETS) expect(preset.argv.join(' ')).not.toContain('{prompt}')
  })
})

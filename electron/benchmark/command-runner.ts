import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { CommandFields } from '../../shared/contract/agent-commands.ts'
import { childEnvironment, USUAL_VARIABLES } from '../../shared/domain/child-environment.ts'
import { readAgentOutput } from './agent-output.ts'
import type { Outcome } from './conversation.ts'
import type { ModelFailure } from './failures.ts'
import { LeftRunning, sayLeft } from './left-running.ts'
import { type AgentFile, type AgentTask, layWorkspace, openWorkspace, removeWorkspace } from './workspace.ts'

export type { AgentFile, AgentTask }

export const COMMAND_PRESETS: readonly CommandFields[] = [
  {
    name: 'Claude Code',
    // Only the project's settings: the author's own skills and permissions would not be part of the measurement.
    argv: [
      'claude',
      '-p',
      '--output-format',
      'json',
      '--setting-sources',
      'project',
      '--allowedTools',
      'Skill,Read,Glob,Grep',
    ],
    form: 'claude-code',
    layout: '.claude/skills',
    variables: [],
    timeLimitMs: 600_000,
  },
  {
    name: 'Codex',
    argv: ['codex', 'exec', '--json', '--skip-git-repo-check', '--sandbox', 'read-only', '-'],
    form: 'codex',
    layout: '.agents/skills',
    variables: [],
    timeLimitMs: 600_000,
  },
  {
    name: 'Gemini CLI',
    argv: ['gemini', '--output-format', 'json'],
    form: 'gemini',
    layout: '.gemini/skills',
    variables: [],
    timeLimitMs: 600_000,
  },
]

/** All of what a person agrees to, to the letter. */
export function consentText(fields: CommandFields): string {
  const passed = fields.variables.length === 0 ? 'none' : fields.variables.join(', ')
  return [
    `Program: ${fields.argv.map(quoted).join(' ')}`,
    `Folder: a new one for each answer, with the skill in ${fields.layout}/ and the case’s files; removed afterwards`,
    'Input: the case’s prompt',
    `Output: read as ${fields.form}`,
    `Timeout: ${fields.timeLimitMs / 1000} s`,
    `Environment: ${USUAL_VARIABLES.slice(0, 6).join(', ')} …; also: ${passed}`,
    'It runs as you, without a sandbox: it can do with your files and your network whatever the skill tells it to.',
  ].join('\n')
}
const quoted = (word: string): string => (/^[\w./:=,@%+-]+$/.test(word) ? word : JSON.stringify(word))

export type CommandHost = {
  environment: Readonly<Record<string, string | undefined>>
  platform: NodeJS.Platform
  tempDir: string
  now: () => number
}

/** More than that is no answer. */
const MOST_OUTPUT = 20 * 1024 * 1024
/** Between asking a program to end and ending it. */
const GRACE_MS = 2_000

/** Runs an agent once. The folder, and every process it started that can be found, are gone when this resolves. */
export async function runAgentCommand(
  fields: CommandFields,
  task: AgentTask,
  host: CommandHost,
  signal: AbortSignal,
): Promise<Outcome> {
  if (signal.aborted) return { kind: 'stopped' }
  const folder = await openWorkspace(host.tempDir)
  try {
    const refused = await layWorkspace(folder, fields.layout, task)
    if (refused !== undefined) return failed('refused', `${fields.name} was not started: ${refused}`)
    const began = host.now()
    const ended = await runToEnd(fields, folder, task.prompt, host, signal)
    return signal.aborted ? { kind: 'stopped' } : outcomeOf(fields, ended, host.now() - began)
  } finally {
    await removeWorkspace(folder)
  }
}

/** What the command gets of the environment, and how it is told apart from everything else that runs. */
function environmentOf(fields: CommandFields, host: CommandHost, left: LeftRunning): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...childEnvironment(host.environment, fields.variables), ...left.variables }
  // The folder holds files of a colleague's: nothing in it may be taken for a program because of where it lies.
  if (env.PATH !== undefined) env.PATH = foldersOf(env.PATH, host).join(delimiterOf(host))
  if (host.platform === 'win32') env.NoDefaultCurrentDirectoryInExePath = '1'
  return env
}

const delimiterOf = (host: CommandHost): string => (host.platform === 'win32' ? path.win32 : path.posix).delimiter
const foldersOf = (list: string, host: CommandHost): string[] =>
  list
    .split(delimiterOf(host))
    .filter(folder => (host.platform === 'win32' ? path.win32 : path.posix).isAbsolute(folder))

/** Windows looks for a program in the folder it is to work in before the PATH, so there it is found first. */
function programOf(name: string, host: CommandHost): string {
  if (host.platform !== 'win32' || /[\\/]/.test(name)) return name
  for (const folder of foldersOf(host.environment.PATH ?? '', host))
    for (const ending of ['', '.com', '.exe']) {
      const file = path.win32.join(folder, name + ending)
      if (fs.statSync(file, { throwIfNoEntry: false })?.isFile()) return file
    }
  return path.win32.join(path.win32.parse(host.tempDir).root, 'not-found', name)
}

type Ended = {
  out: string
  err: string
  code: number | null
  why: 'exit' | 'time' | 'too-much' | 'missing'
  reason: string
  /** What was still running when it had ended, in words. */
  left: string | undefined
}

function runToEnd(
  fields: CommandFields,
  cwd: string,
  prompt: string,
  host: CommandHost,
  signal: AbortSignal,
): Promise<Ended> {
  const [program = '', ...args] = fields.argv
  const windows = host.platform === 'win32'
  const left = new LeftRunning()
  const env = environmentOf(fields, host, left)
  return new Promise(resolve => {
    // A group of its own, so that what it starts ends with it. Never a shell: nobody's text is read as a command.
    const options = { cwd, env, detached: !windows, shell: false, windowsHide: true, stdio: 'pipe' } as const
    const child = spawn(programOf(program, host), args, options)
    if (child.pid !== undefined) left.watch(child.pid)
    const gathered = { out: [] as Buffer[], err: [] as Buffer[], size: 0 }
    let why: Ended['why'] = 'exit'
    const endGroup = (how: NodeJS.Signals) => {
      if (child.pid === undefined) return
      if (windows) spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { windowsHide: true, stdio: 'ignore' })
      else {
        try {
          process.kill(-child.pid, how)
        } catch {
          // Nobody is left.
        }
      }
    }
    let grace: NodeJS.Timeout | undefined
    const stop = (reason: Ended['why']) => {
      why = reason
      endGroup('SIGTERM')
      grace ??= setTimeout(() => endGroup('SIGKILL'), GRACE_MS)
    }
    const timer = setTimeout(() => stop('time'), fields.timeLimitMs)
    const stopped = () => stop('exit')
    signal.addEventListener('abort', stopped, { once: true })
    const take = (list: Buffer[]) => (chunk: Buffer) => {
      gathered.size += chunk.byteLength
      if (gathered.size > MOST_OUTPUT) return stop('too-much')
      list.push(chunk)
    }
    child.stdout.on('data', take(gathered.out))
    child.stderr.on('data', take(gathered.err))
    const end = (code: number | null, reason: string, of?: string) => {
      clearTimeout(timer)
      clearTimeout(grace)
      signal.removeEventListener('abort', stopped)
      const text = (list: Buffer[]) => Buffer.concat(list).toString('utf8')
      resolve({ out: text(gathered.out), err: text(gathered.err), code, why, reason, left: of })
    }
    child.once('error', error => {
      why = 'missing'
      end(null, error.message)
    })
    // A child of its own may hold the pipes open for ever: when the program has ended, so has all that it started.
    let gone: Promise<string | undefined> = Promise.resolve(undefined)
    child.once('exit', () => {
      endGroup('SIGKILL')
      clearTimeout(grace)
      gone = left.end().then(sayLeft)
      // Somebody whom nobody found may hold the pipes: what has not come by then does not come.
      gone.finally(() => {
        grace = setTimeout(() => {
          child.stdout.destroy()
          child.stderr.destroy()
        }, GRACE_MS)
      })
    })
    child.once('close', code => gone.then(of => end(code, '', of)))
    child.stdin.on('error', () => {
      // It did not want to read the prompt; its exit code says what that means.
    })
    child.stdin.end(prompt)
  })
}

function outcomeOf(fields: CommandFields, ended: Ended, ms: number): Outcome {
  const outcome = readOutcome(fields, ended, ms)
  if (ended.left === undefined || outcome.kind !== 'failed') return outcome
  const { failure } = outcome
  return { kind: 'failed', failure: { ...failure, words: `${failure.words} ${ended.left}` } }
}

function readOutcome(fields: CommandFields, ended: Ended, ms: number): Outcome {
  const name = fields.argv[0] ?? ''
  if (ended.why === 'missing') return failed('unreachable', `“${name}” could not be started: ${ended.reason}`, true)
  if (ended.why === 'time') return failed('timeout', `${fields.name} was ended after ${fields.timeLimitMs / 1000} s.`)
  if (ended.why === 'too-much') return failed('malformed', `${fields.name} wrote more than is read.`)
  const read = readAgentOutput(fields.form, ended.out)
  const last = ended.err.trim().split('\n').at(-1)?.slice(0, 300) ?? ''
  if (read?.error != null) return failed('refused', `${fields.name}: ${read.error.slice(0, 300)}`)
  if (ended.code !== 0)
    return failed('refused', `${fields.name} ended with ${ended.code ?? 'a signal'}. ${last}`.trim())
  if (!read) return failed('malformed', `The output of ${fields.name} is not of the form “${fields.form}”.`)
  const { output, usage, cost, steps } = read
  const told = {
    output,
    usage,
    cost,
    ms,
    steps: steps ?? 1,
    finish: 'stop' as const,
    used: [],
    read: [],
    cached: false,
  }
  return { kind: 'told', told: { ...told, ...(ended.left !== undefined && { note: ended.left }) } }
}

const failed = (code: ModelFailure['code'], words: string, stops = false): Outcome => ({
  kind: 'failed',
  failure: { code, words, retry: false, stops, begun: !stops },
})

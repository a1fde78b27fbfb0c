import { spawn } from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import type { CommandFields } from '../../shared/contract/agent-commands.ts'
import { checkPath } from '../../shared/domain/bundle.ts'
import { childEnvironment, USUAL_VARIABLES } from '../../shared/domain/child-environment.ts'
import { readAgentOutput } from './agent-output.ts'
import type { Outcome } from './conversation.ts'
import type { ModelFailure } from './failures.ts'

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
    `Run this program on this computer, as you: ${fields.argv.map(quoted).join(' ')}`,
    `In a fresh folder for each answer, which is removed afterwards, with the skill in ${fields.layout}/ and the case’s files beside it; the case’s prompt on standard input.`,
    `It is ended after ${fields.timeLimitMs / 1000} seconds. Its output is read as ${fields.form}.`,
    `Of your environment it gets what programs need (${USUAL_VARIABLES.slice(0, 6).join(', ')} …) and: ${passed}.`,
    'Nothing confines it but its own settings: what the skill tells it to do, it may do with your files and your network.',
  ].join('\n')
}
const quoted = (word: string): string => (/^[\w./:=,@%+-]+$/.test(word) ? word : JSON.stringify(word))

export type AgentTask = {
  prompt: string
  /** Each below the layout's folder, by the skill's name. */
  skills: { name: string; files: AgentFile[] }[]
  /** Beside the layout's folder. */
  files: AgentFile[]
}
export type AgentFile = { path: string; bytes: Uint8Array; executable: boolean }
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

/** Runs an agent once. The folder, and every process it started, are gone when this resolves. */
export async function runAgentCommand(
  fields: CommandFields,
  task: AgentTask,
  host: CommandHost,
  signal: AbortSignal,
): Promise<Outcome> {
  if (signal.aborted) return { kind: 'stopped' }
  const folder = await fs.mkdtemp(path.join(host.tempDir, 'whetstone-agent-'))
  try {
    for (const skill of task.skills)
      for (const file of skill.files) await lay(path.join(folder, fields.layout, skill.name), file)
    for (const file of task.files) await lay(folder, file)
    const began = host.now()
    const ended = await runToEnd(fields, folder, task.prompt, host, signal)
    return signal.aborted ? { kind: 'stopped' } : outcomeOf(fields, ended, host.now() - began)
  } finally {
    await fs.rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
}

async function lay(folder: string, file: AgentFile): Promise<void> {
  // Paths were checked when they were stored; here a wrong one would write outside the folder.
  if (checkPath(file.path)) throw new Error(`“${file.path}” is no path for a file`)
  const full = path.join(folder, ...file.path.split('/'))
  await fs.mkdir(path.dirname(full), { recursive: true })
  await fs.writeFile(full, file.bytes, { mode: file.executable ? 0o755 : 0o644 })
}

type Ended = {
  out: string
  err: string
  code: number | null
  why: 'exit' | 'time' | 'too-much' | 'missing'
  reason: string
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
  const env = childEnvironment(host.environment, fields.variables)
  return new Promise(resolve => {
    // A group of its own, so that what it starts ends with it. Never a shell: nobody's text is read as a command.
    const child = spawn(program, args, { cwd, env, detached: !windows, shell: false, windowsHide: true, stdio: 'pipe' })
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
    const end = (code: number | null, reason: string) => {
      clearTimeout(timer)
      clearTimeout(grace)
      signal.removeEventListener('abort', stopped)
      endGroup('SIGKILL')
      const text = (list: Buffer[]) => Buffer.concat(list).toString('utf8')
      resolve({ out: text(gathered.out), err: text(gathered.err), code, why, reason })
    }
    child.once('error', error => {
      why = 'missing'
      end(null, error.message)
    })
    // A child of its own may hold the pipes open for ever: when the program has ended, so has its group.
    child.once('exit', () => endGroup('SIGKILL'))
    child.once('close', code => end(code, ''))
    child.stdin.on('error', () => {
      // It did not want to read the prompt; its exit code says what that means.
    })
    child.stdin.end(prompt)
  })
}

function outcomeOf(fields: CommandFields, ended: Ended, ms: number): Outcome {
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
  return {
    kind: 'told',
    told: { output, usage, cost, ms, steps: steps ?? 1, finish: 'stop', used: [], read: [], cached: false },
  }
}

const failed = (code: ModelFailure['code'], words: string, stops = false): Outcome => ({
  kind: 'failed',
  failure: { code, words, retry: false, stops, begun: !stops },
})

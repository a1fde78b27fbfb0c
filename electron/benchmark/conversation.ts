import type { ModelFailure } from './failures.ts'
import { answerTool, type GivenSkill } from './give-skill.ts'
import { type ModelQuestion, type ModelReply, messageOf, textOf, toolCallsOf, type Usage } from './model.ts'

/** What became of one question. `stopped`: the budget, or the run, did not let it be asked. */
export type Asked =
  | { kind: 'reply'; reply: ModelReply; cost: number | null; cached: boolean }
  | { kind: 'failed'; failure: ModelFailure }
  | { kind: 'stopped' }

export type Talk = {
  skills: readonly GivenSkill[]
  /** The first request: system prompt, task, tools, settings. */
  first: ModelQuestion
  /** Requests at most; the last one must answer without tools. */
  maxSteps: number
}

/** What a conversation came to. Sums are null as soon as one part of them is not known. */
export type Told = {
  output: string
  usage: Usage
  cost: number | null
  ms: number
  steps: number
  finish: ModelReply['finish']
  /** Skills it used, files it read, in their order. */
  used: string[]
  read: string[]
  cached: boolean
  /** What a person should know of it besides. */
  note?: string
}
export type Outcome = { kind: 'told'; told: Told } | Exclude<Asked, { kind: 'reply' }>

/** Talks until the model answers without asking for a tool, or may ask no more. */
export async function converse(talk: Talk, ask: (question: ModelQuestion) => Promise<Asked>): Promise<Outcome> {
  let question = talk.first
  const told = new Telling()
  for (let step = 1; ; step++) {
    const asked = await ask(step < talk.maxSteps ? question : { ...question, toolChoice: 'none' })
    if (asked.kind !== 'reply') return asked
    told.add(asked)
    const next = step < talk.maxSteps ? nextQuestion(talk, question, asked.reply, told) : undefined
    if (next === undefined) return { kind: 'told', told: told.result(asked.reply) }
    question = next
  }
}

/** The question after a reply that calls tools; undefined where it calls none. */
function nextQuestion(
  talk: Talk,
  question: ModelQuestion,
  reply: ModelReply,
  told: Telling,
): ModelQuestion | undefined {
  const calls = toolCallsOf(reply)
  if (calls.length === 0) return undefined
  const results = calls.map(call => {
    const answer = answerTool(talk.skills, call)
    told.note(answer)
    return {
      type: 'tool-result' as const,
      toolCallId: call.id,
      toolName: call.name,
      output: { type: 'text' as const, value: answer.text },
    }
  })
  return { ...question, messages: [...question.messages, messageOf(reply), { role: 'tool', content: results }] }
}

class Telling {
  #usage: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
  #cost: number | null = 0
  #ms = 0
  #steps = 0
  #cached = true
  #used: string[] = []
  #read: string[] = []

  add({ reply, cost, cached }: Extract<Asked, { kind: 'reply' }>): void {
    this.#usage = addUsage(this.#usage, reply.usage)
    this.#cost = plus(this.#cost, cost)
    this.#ms += reply.ms
    this.#steps += 1
    this.#cached &&= cached
  }
  note({ used, read }: { used?: string; read?: string }): void {
    if (used !== undefined && !this.#used.includes(used)) this.#used.push(used)
    if (read !== undefined && !this.#read.includes(read)) this.#read.push(read)
  }
  result(last: ModelReply): Told {
    return {
      output: textOf(last),
      usage: this.#usage,
      cost: this.#cost,
      ms: this.#ms,
      steps: this.#steps,
      finish: last.finish,
      used: this.#used,
      read: this.#read,
      cached: this.#cached,
    }
  }
}

export const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b)
export const addUsage = (a: Usage, b: Usage): Usage => ({
  input: plus(a.input, b.input),
  output: plus(a.output, b.output),
  cacheRead: plus(a.cacheRead, b.cacheRead),
  cacheWrite: plus(a.cacheWrite, b.cacheWrite),
})

/** Follows a conversation through answers that are known already, as far as they go. */
export function followKnown(
  talk: Talk,
  find: (question: ModelQuestion) => ModelReply | undefined,
): { known: number; told?: Told } {
  let question = talk.first
  const told = new Telling()
  for (let step = 1; ; step++) {
    const reply = find(step < talk.maxSteps ? question : { ...question, toolChoice: 'none' })
    if (reply === undefined) return { known: step - 1 }
    told.add({ kind: 'reply', reply, cost: null, cached: true })
    const next = step < talk.maxSteps ? nextQuestion(talk, question, reply, told) : undefined
    if (next === undefined) return { known: step, told: told.result(reply) }
    question = next
  }
}

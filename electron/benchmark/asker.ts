import type { Budget } from './budget.ts'
import { replyKey } from './cache.ts'
import type { Asked } from './conversation.ts'
import { failureOf, type ModelFailure } from './failures.ts'
import type { Lane, Timing } from './lane.ts'
import { callModel, type LanguageModel, type ModelQuestion, type ModelReply } from './model.ts'
import { costOf, mostOf, type Price } from './prices.ts'
import { withRetries } from './retry.ts'

/** A model that can be asked: where it lives, what it costs, and the way to it. */
export type Target = {
  providerId: string
  provider: string
  kind: string
  baseUrl: string | null
  model: string
  price: Price | undefined
  /** Only so that no sentence repeats it. */
  key: string | undefined
  language: LanguageModel
  lane: Lane
}
/** Answers by their names; `keep` stores one and what it cost together, and resolves when both are on disk. */
export type ReplyStore = {
  find: (key: string) => ModelReply | undefined
  keep: (key: string, reply: ModelReply, spent: number) => Promise<void>
  /** What a request that failed may have cost. */
  spend: (microcents: number) => Promise<void>
}
export type AskerOptions = {
  store: ReplyStore
  budget: Budget
  timing: Timing
  random: () => number
  /** Nothing more is asked; what is under way comes to its end. */
  halt: AbortSignal
  /** Breaks off what is under way. Whoever aborts this has aborted `halt` first. */
  signal: AbortSignal
  timeLimitMs: number
}

/** Whether a reply says what was asked for, so that it may be kept and used again. */
export type Usable = (reply: ModelReply) => boolean

/** Asks one question of one model: from the cache, or for money, within the budget and the provider's limits. */
export class Asker {
  readonly #options: AskerOptions
  constructor(options: AskerOptions) {
    this.#options = options
  }

  /** A reply that is not usable is answered and paid all the same, but not kept: the next time the model is asked again. */
  async ask(target: Target, question: ModelQuestion, repeat: number, usable: Usable = () => true): Promise<Asked> {
    const { store, budget, halt, timing, random } = this.#options
    const key = replyKey(target, question, repeat)
    const known = store.find(key)
    if (known && usable(known))
      return { kind: 'reply', reply: known, cost: costOf(target.price, known.usage), cached: true }
    const tokens = estimateTokens(question)
    const most = target.price ? mostOf(target.price, tokens, question.maxOutputTokens) : 0
    const lane = target.lane
    const attempt = async () => {
      const leave = await lane.enter(tokens, halt)
      try {
        if (halt.aborted || !(await budget.setAside(most)))
          return { kind: 'done' as const, value: { kind: 'stopped' as const } }
        return await this.#once(target, question, key, most, usable)
      } finally {
        leave()
      }
    }
    try {
      const outcome = await withRetries<Asked>(attempt, { lane, timing, random, signal: halt })
      return outcome.kind === 'done' ? outcome.value : { kind: 'failed', failure: outcome.failure }
    } catch (error) {
      if (halt.aborted) return { kind: 'stopped' }
      throw error
    }
  }

  async #once(
    target: Target,
    question: ModelQuestion,
    key: string,
    most: number,
    usable: Usable,
  ): Promise<{ kind: 'done'; value: Asked } | { kind: 'failed'; failure: ModelFailure }> {
    const { store, budget, signal, timing, timeLimitMs } = this.#options
    try {
      const reply = await callModel(target.language, question, { signal, timeLimitMs, now: timing.now })
      const cost = costOf(target.price, reply.usage)
      budget.settle(most, cost)
      if (usable(reply)) await store.keep(key, reply, cost ?? most)
      else await store.spend(cost ?? most)
      return { kind: 'done', value: { kind: 'reply', reply, cost, cached: false } }
    } catch (error) {
      if (signal.aborted) {
        // Cut off by us in the middle: it may be billed.
        budget.settle(most, most)
        await store.spend(most)
        throw signal.reason
      }
      const failure = failureOf(error, {
        provider: target.provider,
        model: target.model,
        now: timing.now(),
        key: target.key,
      })
      const lost = failure.begun ? most : 0
      budget.settle(most, lost)
      if (lost > 0) await store.spend(lost)
      return { kind: 'failed', failure }
    }
  }
}

/**
 * Rather too many than too few, without counting: a token is seldom less than three bytes, in any script. (Counting with
 * another vendor's vocabulary would take longer than the rest of a cell, and be no more true.)
 */
export const estimateTokens = ({ messages, tools }: ModelQuestion): number =>
  Math.ceil(Buffer.byteLength(JSON.stringify([messages, tools])) / 3)

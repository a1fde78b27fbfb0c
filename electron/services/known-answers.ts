import type { Engine, ReplyStore } from '../benchmark/control.ts'
import { findReply, MEGABYTE, measureReplies, putReply, touchReply, trimReplies } from '../library/model-replies.ts'
import type { Context } from './context.ts'
import { readShaped } from './settings.ts'

/** An answer's last use is known to the day: noting each one would cost a write where nothing else is written. */
const USED_ANEW_MS = 86_400_000
/** Trimmed below the limit by this share, so that it is not done again for the next answer. */
const SLACK = 1 / 16

/** Answers that are kept, within a limit. What writes runs inside `library.write`. */
export class KnownAnswers {
  readonly #context: Context
  readonly #engine: Engine
  readonly #limit: number
  /** As far as this process knows; other ones write, too, so it is measured anew at each trim. */
  #bytes: number | undefined

  constructor(context: Context, engine: Engine) {
    this.#context = context
    this.#engine = engine
    this.#limit = readShaped(context).answersMegabytes * MEGABYTE
  }

  /** `stale`: it is to be noted that it was used. */
  find(key: string): { reply: ReturnType<ReplyStore['find']>; stale: boolean } {
    const found = findReply(this.#context.library, key)
    if (!found) return { reply: undefined, stale: false }
    return {
      reply: this.#engine.readReply(found.reply),
      stale: found.used_at < this.#context.clock() - USED_ANEW_MS,
    }
  }

  used(key: string): void {
    touchReply(this.#context.library, key, this.#context.clock())
  }

  put(key: string, text: string): void {
    const { library, clock } = this.#context
    const before = this.#bytes ?? measureReplies(library).bytes
    this.#bytes = before + putReply(library, key, text, clock())
    if (this.#bytes <= this.#limit) return
    trimReplies(library, this.#limit * (1 - SLACK))
    this.#bytes = measureReplies(library).bytes
  }
}

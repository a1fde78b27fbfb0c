import { timingSafeEqual } from 'node:crypto'
import type { ProgramAsked } from '../../shared/contract/desktop.ts'
import { cannotBeAsked, type KeepConsent, NOT_KEPT, refused } from '../program-consent.ts'

/**
 * Consent to a program where there is no window of our own: the terminal shows what would run and a code, and the person
 * types the code into the page. The terminal is the one place here that a page cannot write to.
 */
export type AllowByCode = {
  ask(text: string): ProgramAsked
  enter(code: string): Promise<ProgramAsked>
}
export type AllowByCodeOptions = {
  random: (bytes: number) => Buffer
  /** Milliseconds; only differences matter. */
  clock: () => number
  /** One line to the terminal. */
  print: (line: string) => void
  keep: KeepConsent
}

const DIGITS = 8
const TRIES = 5
const VALID_MS = 5 * 60_000
/** Questions in a row that nobody answered: a page that keeps asking is no longer listened to. */
const MAX_UNANSWERED = 20

const TOO_MANY = refused('Too many requests without an answer. Nothing was allowed. Restart Whetstone to try again.')
const EXPIRED = refused('This code has expired. Nothing was allowed. Request a new one.')

export function allowByCode({ random, clock, print, keep }: AllowByCodeOptions): AllowByCode {
  let asked: { text: string; code: string; triesLeft: number; until: number } | undefined
  let unanswered = 0
  const waiting = ({ triesLeft }: { triesLeft: number }): ProgramAsked => ({ state: 'code', digits: DIGITS, triesLeft })

  return {
    ask: text => {
      const wrong = cannotBeAsked(text)
      if (wrong) return wrong
      // Asked again, as after a reload: the code that was printed still counts.
      if (asked?.text === text && asked.until > clock()) return waiting(asked)
      if (unanswered >= MAX_UNANSWERED) return TOO_MANY
      unanswered++
      asked = { text, code: newCode(random), triesLeft: TRIES, until: clock() + VALID_MS }
      print('')
      print('A page asks to allow this program:')
      for (const line of text.split('\n')) print(`  ${line}`)
      print(`To allow it, type this code into the page: ${asked.code.slice(0, 4)} ${asked.code.slice(4)}`)
      print('If you didn’t ask for this, ignore it.')
      print('')
      return waiting(asked)
    },
    enter: async given => {
      if (asked === undefined || asked.until <= clock()) {
        asked = undefined
        return EXPIRED
      }
      if (!same(given.replaceAll(/\D/g, ''), asked.code)) {
        asked.triesLeft--
        if (asked.triesLeft > 0) return waiting(asked)
        asked = undefined
        return refused('Too many wrong codes. Nothing was allowed. Request a new one.')
      }
      const { text } = asked
      asked = undefined
      unanswered = 0
      if (!(await keep(text))) return NOT_KEPT
      print('Allowed.')
      return { state: 'allowed' }
    },
  }
}

/** Decimal digits without bias: 48 bits, of which the remainder favours none by more than one in a million. */
const newCode = (random: (bytes: number) => Buffer): string =>
  String(random(6).readUIntBE(0, 6) % 10 ** DIGITS).padStart(DIGITS, '0')

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

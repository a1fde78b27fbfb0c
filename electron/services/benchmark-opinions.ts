import { randomFrom } from '../../shared/domain/stats/random.ts'
import { wilson } from '../../shared/domain/stats/wilson.ts'
import type { BenchmarkControl } from '../benchmark/control.ts'
import { findRun, type RunListed } from '../library/measured-runs.ts'
import { findProvider } from '../library/providers.ts'
import {
  decidePair,
  deleteHandGrade,
  findPair,
  findResultPlace,
  insertPair,
  listHandGrades,
  listMatches,
  listPairs,
  type PairRow,
  putHandGrade,
  standIn,
  tieAlike,
} from '../library/result-opinions.ts'
import { repliesOf } from './benchmark-records.ts'
import { announce, type Context, type NotFound, os } from './context.ts'
import { differencesOf } from './evidence.ts'
import { GroupCommit } from './group-commit.ts'
import { keyOf, plannedModelOf } from './providers.ts'
import { authorOf } from './versions.ts'

/** What people say of results, and judges of pairs of them: the second half of the benchmarks' service. */
export const opinions = (context: Context, control: BenchmarkControl) => {
  const { library, clock, newId } = context
  const runOf = (id: string, errors: NotFound): RunListed => {
    const run = findRun(library, id)
    if (!run) throw errors.NOT_FOUND({ data: { what: 'run', id } })
    return run
  }

  return {
    gradeByHand: os.benchmarks.gradeByHand.handler(({ input, errors }) => {
      const place = findResultPlace(library, input.resultId)
      if (!place) throw errors.NOT_FOUND({ data: { what: 'result', id: input.resultId } })
      const by = authorOf(context, place)
      library.write(() => {
        if (input.score === null) deleteHandGrade(library, place.id, by)
        else putHandGrade(library, place.id, by, input.score, input.notes, clock())
        standIn(library, place.id, input.score)
      })
      announce(context, ['benchmarks'], [place.skill_id])
      return {}
    }),

    handGrades: os.benchmarks.handGrades.handler(({ input }) =>
      listHandGrades(library, input.runId).map(row => ({
        resultId: row.result_id,
        score: row.score,
        notes: row.notes,
        by: row.user_name,
        at: row.created_at,
      })),
    ),

    pairs: os.benchmarks.pairs.handler(({ input, errors }) => {
      const [left, right] = [runOf(input.left, errors), runOf(input.right, errors)]
      const reasons = differencesOf(left, right).filter(reason => !/judge/.test(reason))
      // Who reads the outputs is the judge here: another judge of the scores does no harm.
      if (reasons.length > 0) throw errors.UNLIKE({ data: { reasons } })
      const matches = listMatches(library, left.id, right.id)
      const coins = new Uint32Array(matches.length)
      randomFrom(input.seed ?? seedOf(left.id + right.id))(coins)
      library.write(() => {
        for (const [at, match] of matches.entries())
          insertPair(library, { id: newId(), ...match, aIsLeft: ((coins[at] ?? 0) & 1) === 0 })
        tieAlike(library, left.id, right.id, clock())
      })
      return listPairs(library, left.id, right.id).map(blind)
    }),

    decidePair: os.benchmarks.decidePair.handler(({ input, errors }) => {
      const pair = findPair(library, input.id)
      if (!pair) throw errors.NOT_FOUND({ data: { what: 'pair', id: input.id } })
      decidePair(library, pair.id, winnerOf(pair, input.choice), 'hand', input.notes ?? '', clock())
      announce(context, ['benchmarks'], [pair.skill_id])
      return {}
    }),

    judgePairs: os.benchmarks.judgePairs.handler(async function* ({ input, errors, signal }) {
      const stop = signal ?? new AbortController().signal
      const run = runOf(input.left, errors)
      const provider = findProvider(library, input.judge.providerId)
      if (!provider) throw errors.NOT_FOUND({ data: { what: 'provider', id: input.judge.providerId } })
      const engine = await control.engine()
      const key = await keyOf(context, control, provider)
      if (key.kind === 'refused') return { decided: 0, failed: 0, reason: key.reason }
      const target = await engine.target(plannedModelOf(context, engine, provider, input.judge.model), key.value, {
        concurrency: provider.concurrency,
        requestsPerMinute: provider.requests_per_minute,
        tokensPerMinute: provider.tokens_per_minute,
      })
      const replies = repliesOf(context, engine, new GroupCommit(library, 1), undefined, () => {})
      const ask = engine.asker(replies, { ceiling: null, spent: 0 }, stop)
      const open = listPairs(library, input.left, input.right).filter(pair => pair.winner === null)
      let [decided, failed] = [0, 0]
      let reason: string | null = null
      for (const [at, pair] of open.entries()) {
        if (stop.aborted) break
        const { a, b } = blind(pair)
        const judged = await engine.judgePair({ prompt: pair.prompt, a, b }, (question, usable) =>
          ask(target, question, pair.repeat, usable),
        )
        if (judged.kind === 'failed') {
          failed += 1
          reason = judged.words
        } else {
          decided += 1
          const choice = judged.better === 'A' ? 'a' : judged.better === 'B' ? 'b' : 'tie'
          decidePair(library, pair.id, winnerOf(pair, choice), input.judge.model, judged.reason, clock())
        }
        yield { done: at + 1, total: open.length }
      }
      announce(context, ['benchmarks'], [run.skill_id])
      return { decided, failed, reason }
    }),

    preferences: os.benchmarks.preferences.handler(({ input }) => {
      const pairs = listPairs(library, input.left, input.right)
      const count = (winner: string | null) => pairs.filter(pair => pair.winner === winner).length
      const [won, lost, tied, open] = [count('right'), count('left'), count('tie'), count(null)]
      const share = won + lost === 0 ? null : wilson(won, won + lost)
      return { won, lost, tied, open, share, words: sayPreference(won, lost, tied, share) }
    }),
  }
}

const blind = (pair: PairRow) => ({
  id: pair.id,
  caseName: pair.case_name,
  prompt: pair.prompt,
  model: pair.model_name,
  repeat: pair.repeat,
  a: pair.a_is_left === 1 ? pair.left_output : pair.right_output,
  b: pair.a_is_left === 1 ? pair.right_output : pair.left_output,
  choice: choiceOf(pair),
})

function choiceOf(pair: PairRow): 'a' | 'b' | 'tie' | null {
  if (pair.winner === null || pair.winner === 'tie') return pair.winner
  return (pair.winner === 'left') === (pair.a_is_left === 1) ? 'a' : 'b'
}

const winnerOf = (pair: { a_is_left: number }, choice: 'a' | 'b' | 'tie'): 'left' | 'right' | 'tie' =>
  choice === 'tie' ? 'tie' : (choice === 'a') === (pair.a_is_left === 1) ? 'left' : 'right'

function sayPreference(won: number, lost: number, tied: number, share: { low: number; high: number } | null): string {
  if (share === null) return tied > 0 ? `no difference seen: ${tied} tied` : 'not compared yet'
  const counts = `${won} won, ${lost} lost, ${tied} tied`
  const range = `${Math.round(share.low * 100)}% to ${Math.round(share.high * 100)}% of the decided`
  if (share.low > 0.5) return `preferred: ${counts} (95%: ${range})`
  if (share.high < 0.5) return `the other is preferred: ${counts} (95%: ${range})`
  return `cannot tell yet: ${counts} (95%: ${range})`
}

/** The same two runs are shuffled alike again; who decides sees only A and B. */
function seedOf(text: string): number {
  let seed = 0
  for (let at = 0; at < text.length; at++) seed = (Math.imul(seed, 31) + text.charCodeAt(at)) | 0
  return seed
}

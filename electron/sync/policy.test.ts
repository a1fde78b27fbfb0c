import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BASE_MS, backoff, CAP_MS, decide, IDLE_MS, idleDelay, skewOf, untilDue } from './policy.ts'
import { PARKED, PROBLEMS } from './problems.ts'

const half = () => 0.5
const registry = (kind: 'retry' | 'denied' | 'quota' | 'tls' | 'refused', code = '') =>
  decide({ from: 'registry', failure: { kind, code, message: '' } }, 0, half)
type StoreKind = 'retry' | 'denied' | 'expired' | 'quota' | 'missing-bucket' | 'clock' | 'tls' | 'refused' | 'cancelled'
const store = (kind: StoreKind, retryAfterMs?: number) =>
  decide(
    { from: 'store', failure: { kind, message: '', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } },
    0,
    half,
  )

test('a passing failure is tried again by itself, within what full jitter allows', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, chance) => {
      const wait = backoff(failures, () => chance)
      expect(wait).toBeGreaterThanOrEqual(0)
      expect(wait).toBeLessThanOrEqual(Math.min(CAP_MS, BASE_MS * 2 ** failures))
    }),
  )
  // Full: two clients that failed together do not come back together.
  expect(backoff(5, () => 0.1)).not.toBe(backoff(5, () => 0.9))
  expect(backoff(100, () => 0.999_999)).toBe(CAP_MS)
  expect(registry('retry')).toMatchObject({ kind: 'retry', offline: true })
})

test('a store that says when to come back is not asked before', () => {
  expect(store('retry', 20_000)).toMatchObject({ kind: 'retry', offline: false, delayMs: 20_500 })
  // No server can stall a team for a day.
  expect(store('retry', 86_400_000)).toMatchObject({ delayMs: CAP_MS })
})

test('what only the reader can mend is asked, not tried again', () => {
  expect(registry('denied', 'WS401')).toEqual({ kind: 'ask', problem: PROBLEMS.removed })
  expect(registry('denied', '28P01')).toEqual({ kind: 'ask', problem: PROBLEMS.denied })
  expect(registry('tls')).toEqual({ kind: 'ask', problem: PROBLEMS.tls })
  expect(store('denied')).toEqual({ kind: 'ask', problem: PROBLEMS.storeDenied })
  expect(store('expired')).toEqual({ kind: 'ask', problem: PROBLEMS.expired })
  expect(store('tls')).toEqual({ kind: 'ask', problem: PROBLEMS.storeTls })
})

test('a role that is not enough is looked at again, and one’s own stop is no failure', () => {
  expect(registry('denied', 'WS403')).toEqual({ kind: 'role' })
  expect(registry('denied', '42501')).toEqual({ kind: 'role' })
  expect(store('cancelled')).toEqual({ kind: 'stop' })
})

test('what somebody else has to mend is tried seldom: it does not spin', () => {
  for (const verdict of [
    registry('quota'),
    registry('refused'),
    store('quota'),
    store('missing-bucket'),
    store('clock'),
  ])
    expect(verdict.kind === 'retry' && verdict.delayMs).toBeGreaterThanOrEqual(30_000)
})

test('a registry of another make is read only', () => {
  expect(skewOf(110, 100)?.code).toBe('newer')
  expect(skewOf(90, 100)?.code).toBe('older')
  expect(skewOf(100, 100)).toBeUndefined()
})

test('no clock makes anything wait for ever', () => {
  expect(untilDue(1_000, 400)).toBe(600)
  expect(untilDue(1_000, 2_000)).toBe(0)
  // Set back by a year after the due time was written down.
  expect(untilDue(1_000, 1_000 - 365 * 86_400_000)).toBe(0)
})

test('a look around comes after about a minute, never at once', () => {
  for (const chance of [0, 0.5, 0.999]) {
    const wait = idleDelay(() => chance)
    expect(Math.abs(wait - IDLE_MS)).toBeLessThanOrEqual(IDLE_MS / 4)
  }
})

test('every sentence says what happened, what was kept and what to do', () => {
  for (const problem of Object.values(PROBLEMS))
    for (const part of [problem.happened, problem.kept, problem.todo]) expect(part).toMatch(/^[A-Z].*\.$/s)
  for (const parked of Object.values(PARKED)) {
    expect(parked.reason).toMatch(/^[A-Z].*\.$/s)
    expect(parked.todo).toMatch(/^[A-Z].*\.$/s)
  }
})

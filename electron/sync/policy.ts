import type { SyncProblem } from '../../shared/contract/sync.ts'
import { PROBLEMS } from './problems.ts'
import type { BlobFailure, RegistryFailure } from './remote.ts'

/** Why a call has no answer, and whose. */
export type Failed = { from: 'registry'; failure: RegistryFailure } | { from: 'store'; failure: BlobFailure }

/** What to do about it. Pure: the same failure, count and chance give the same verdict. */
export type Verdict =
  /** By itself, after so long. */
  | { kind: 'retry'; delayMs: number; problem: SyncProblem; offline: boolean }
  /** Not before the reader did something. Asked once; nothing is dropped. */
  | { kind: 'ask'; problem: SyncProblem }
  /** One's role may have changed: ask who one is, and go on. */
  | { kind: 'role' }
  /** It was stopped here. */
  | { kind: 'stop' }

export const BASE_MS = 1_000
/** No wait is longer, whatever a server asks for or a clock says. */
export const CAP_MS = 300_000
/** Between two rounds while nothing is heard. */
export const IDLE_MS = 60_000

/** Full jitter: anywhere between at once and the cap of this try, so that many clients do not come back together. */
export function backoff(failures: number, random: () => number): number {
  const most = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures, 20))
  return Math.ceil(random() * most)
}

/** The next look around while all is well: 60 s ± a quarter. */
export const idleDelay = (random: () => number): number => Math.round(IDLE_MS * (0.75 + random() / 2))

/** @param failures how many came before this one, without a success between them. */
export function decide(failed: Failed, failures: number, random: () => number): Verdict {
  return failed.from === 'registry'
    ? decideRegistry(failed.failure, failures, random)
    : decideStore(failed.failure, failures, random)
}

function decideRegistry(failure: RegistryFailure, failures: number, random: () => number): Verdict {
  switch (failure.kind) {
    case 'retry':
      return { kind: 'retry', delayMs: backoff(failures, random), problem: PROBLEMS.offline, offline: true }
    case 'denied':
      if (failure.code === 'WS401') return { kind: 'ask', problem: PROBLEMS.removed }
      if (failure.code === 'WS403' || failure.code === '42501') return { kind: 'role' }
      return { kind: 'ask', problem: PROBLEMS.denied }
    case 'quota':
      return slowly(failures, random, PROBLEMS.quota)
    case 'tls':
      return { kind: 'ask', problem: PROBLEMS.tls }
    case 'refused':
      return slowly(failures, random, PROBLEMS.refusedWhole)
    default:
      return failure.kind satisfies never
  }
}

function decideStore(failure: BlobFailure, failures: number, random: () => number): Verdict {
  switch (failure.kind) {
    case 'retry': {
      const asked = Math.min(CAP_MS, failure.retryAfterMs ?? 0)
      const delayMs = Math.min(CAP_MS, asked + backoff(failures, random))
      return { kind: 'retry', delayMs, problem: PROBLEMS.storeOffline, offline: failure.retryAfterMs === undefined }
    }
    case 'denied':
      return { kind: 'ask', problem: PROBLEMS.storeDenied }
    case 'expired':
      return { kind: 'ask', problem: PROBLEMS.expired }
    case 'quota':
      return slowly(failures, random, PROBLEMS.storeQuota)
    case 'missing-bucket':
      return slowly(failures, random, PROBLEMS.storage)
    case 'clock':
      return slowly(failures, random, PROBLEMS.clock)
    case 'tls':
      return { kind: 'ask', problem: PROBLEMS.storeTls }
    case 'refused':
      return slowly(failures, random, PROBLEMS.refusedWhole)
    case 'cancelled':
      return { kind: 'stop' }
    default:
      return failure.kind satisfies never
  }
}

/** What only a person elsewhere can mend is looked at seldom: from half a minute upwards. */
const slowly = (failures: number, random: () => number, problem: SyncProblem): Verdict => ({
  kind: 'retry',
  delayMs: Math.min(CAP_MS, 30_000 + backoff(failures + 4, random)),
  problem,
  offline: false,
})

/** Read-only while the two are not of one make; undefined where they are. */
export function skewOf(registryVersion: number, known: number): SyncProblem | undefined {
  if (registryVersion > known) return PROBLEMS.newer
  return registryVersion < known ? PROBLEMS.older : undefined
}

/** How long from now until then, by one clock; a clock that was set back must not make anything wait for ever. */
export const untilDue = (dueAt: number, now: number): number => {
  const wait = dueAt - now
  return wait <= 0 || wait > CAP_MS ? 0 : wait
}

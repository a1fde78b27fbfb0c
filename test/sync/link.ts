import {
  type BlobFailure,
  type BlobStore,
  blobKey,
  type GetResult,
  type PutResult,
} from '../../electron/registry/blobs.ts'
import { CALL_MS, type RegistryFailure, type Remote } from '../../electron/sync/remote.ts'
import type { MemoryObjects } from '../support/memory-blobs.ts'
import type { Chance } from './chance.ts'
import type { VirtualTime } from './virtual-time.ts'

/** How likely each thing is to happen to one call; all of it ends with `NO_FAULTS`. */
export type Faults = {
  /** The request never arrives. */
  lost: number
  /** It is done there, and the answer never arrives. */
  unanswered: number
  /** It arrives twice: once more, some time later. */
  twice: number
  /** Neither an answer nor an error for as long as a call may take. */
  swallowed: number
  /** Takes up to this many milliseconds longer: so answers overtake each other. */
  slowMs: number
  /** The process ends before the call, while it is under way, or with its answer. */
  crash: number
  /** The store keeps something else than it was given, or loses what it had. */
  rot: number
  /** The disk takes nothing more, at a commit. */
  full: number
}
export const NO_FAULTS: Faults = {
  lost: 0,
  unanswered: 0,
  twice: 0,
  swallowed: 0,
  slowMs: 0,
  crash: 0,
  rot: 0,
  full: 0,
}

export type LinkOptions = {
  time: VirtualTime
  chance: Chance
  faults: () => Faults
  /** Whether this computer has a network just now. */
  online: () => boolean
  /** Ends the process. */
  crash: (where: string) => void
  trace: (line: string) => void
  /** The store does not have this any more as it was given. */
  rotted: (hash: string) => void
}

/** One process's way to its registry. Once that process has ended, nothing comes back any more. */
export class Link {
  readonly #options: LinkOptions
  #cut = false
  #stops: (() => void)[] = []

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** The process is gone. */
  cut(): void {
    this.#cut = true
    for (const stop of this.#stops.splice(0)) stop()
  }

  remote(remote: Remote, objects: MemoryObjects): Remote {
    const call = <T>(name: string, work: () => Promise<T>) => this.#call<T | RegistryFailure>(name, work, lostCall)
    return {
      hello: () => call('hello', () => remote.hello()),
      pushSkills: rows => call(`pushSkills ${rows.length}`, () => remote.pushSkills(rows)),
      pushVersions: rows => call(`pushVersions ${rows.length}`, () => remote.pushVersions(rows)),
      pushRows: (table, rows) => call(`pushRows ${table} ${rows.length}`, () => remote.pushRows(table, rows)),
      publish: move => call('publish', () => remote.publish(move)),
      approve: versionId => call('approve', () => remote.approve(versionId)),
      reviewFeedback: review => call('reviewFeedback', () => remote.reviewFeedback(review)),
      removeRows: (entity, ids) => call(`removeRows ${entity} ${ids.length}`, () => remote.removeRows(entity, ids)),
      pull: (cursor, limit) => call(`pull ${cursor.since}`, () => remote.pull(cursor, limit)),
      listen: events => {
        // A notification may come late, or never; the next one says the same.
        const { time, chance, faults, online } = this.#options
        const stop = remote.listen({
          changed: () => {
            const { lost, slowMs } = faults()
            if (this.#cut || !online() || chance.yes(lost)) return
            time.after(chance.int(1, 20 + slowMs), () => {
              if (!this.#cut && online()) events.changed()
            })
          },
          connected: () => this.#cut || events.connected?.(),
          denied: reason => this.#cut || events.denied?.(reason),
        })
        this.#stops.push(() => void stop())
        return stop
      },
      blobs: remote.blobs && this.#store(remote.blobs, objects),
      close: async () => {
        for (const stop of this.#stops.splice(0)) stop()
      },
    }
  }

  #store(store: BlobStore, objects: MemoryObjects): BlobStore {
    const call = <T>(name: string, work: () => Promise<T>) => this.#call<T | BlobFailure>(name, work, lostBlob)
    return {
      put: (hash, bytes, options) =>
        call(`put ${hash.slice(0, 6)}`, async () => {
          const answer = await store.put(hash, bytes, options)
          if (answer.kind === 'stored') this.#rot(hash, objects)
          return answer
        }) satisfies Promise<PutResult>,
      get: (hash, options) =>
        call(`get ${hash.slice(0, 6)}`, async () =>
          this.#twisted(await store.get(hash, options)),
        ) satisfies Promise<GetResult>,
      readRange: (hash, range, options) => call('range', () => store.readRange(hash, range, options)),
      stream: (hash, write, options) => call('stream', () => store.stream(hash, write, options)),
      has: (hashes, options) => call(`has ${hashes.length}`, () => store.has(hashes, options)),
      list: options => call('list', () => store.list(options)),
      repair: (hash, bytes, options) => call(`repair ${hash.slice(0, 6)}`, () => store.repair(hash, bytes, options)),
      close: () => store.close(),
    }
  }

  /** A store, or whoever sits in between, that says 'found' of other bytes. */
  #twisted(answer: GetResult): GetResult {
    const { chance, faults, trace } = this.#options
    if (answer.kind !== 'found' || !chance.yes(faults().rot)) return answer
    trace('answers with other bytes')
    const bytes = Uint8Array.from(answer.bytes)
    bytes[0] = (bytes[0] ?? 0) ^ 1
    return { kind: 'found', bytes }
  }

  /** What was just stored is flipped, cut short or gone. */
  #rot(hash: string, objects: MemoryObjects): void {
    const { chance, faults, trace, rotted } = this.#options
    if (!chance.yes(faults().rot)) return
    const key = blobKey(hash)
    const there = objects.get(key)
    if (!there) return
    const how = chance.pick(['flipped', 'cut', 'gone'] as const)
    trace(`${hash.slice(0, 6)} is ${how} in the store`)
    rotted(hash)
    if (how === 'gone') objects.delete(key)
    else if (how === 'cut') objects.set(key, { ...there, bytes: there.bytes.slice(0, there.bytes.length >> 1) })
    else {
      const bytes = Uint8Array.from(there.bytes)
      bytes[0] = (bytes[0] ?? 0) ^ 1
      objects.set(key, { ...there, bytes })
    }
  }

  async #call<T>(name: string, work: () => Promise<T>, lost: () => T): Promise<T> {
    const { time, chance, faults, online, crash, trace } = this.#options
    if (this.#cut) return await NEVER
    const now = faults()
    // Drawn at once, so that what happens to one call does not depend on what happens meanwhile.
    const [there, back] = [chance.int(1, 20 + now.slowMs), chance.int(1, 20 + now.slowMs)]
    const fate = drawFate(now, chance)
    const crashAt = chance.yes(now.crash) ? chance.pick(['before', 'during', 'after'] as const) : undefined
    if (crashAt === 'before') {
      crash(`before ${name}`)
      return await NEVER
    }
    if (!online()) {
      trace(`${name}: no network`)
      await time.sleep(there)
      return this.#cut ? await NEVER : lost()
    }
    if (fate === 'swallowed') {
      trace(`${name}: swallowed`)
      await time.sleep(CALL_MS)
      return this.#cut ? await NEVER : lost()
    }
    await time.sleep(there)
    if (fate === 'lost') {
      trace(`${name}: lost`)
      return this.#cut ? await NEVER : lost()
    }
    // What is on its way arrives, whether or not the process that sent it is still there.
    const answer = await work()
    trace(`${name}: ${saidOf(answer)}`)
    if (fate === 'twice')
      time.after(chance.int(1, 2_000), () => {
        trace(`${name}: once more`)
        void work()
      })
    if (crashAt === 'during' && !this.#cut) crash(`during ${name}`)
    await time.sleep(back)
    if (crashAt === 'after' && !this.#cut) crash(`with the answer of ${name}`)
    if (this.#cut) return await NEVER
    if (fate === 'unanswered' || !online()) {
      trace(`${name}: unanswered`)
      return lost()
    }
    return answer
  }
}

const drawFate = (faults: Faults, chance: Chance): 'lost' | 'unanswered' | 'twice' | 'swallowed' | 'fine' => {
  let left = chance.next()
  for (const fate of ['lost', 'unanswered', 'twice', 'swallowed'] as const) {
    left -= faults[fate]
    if (left < 0) return fate
  }
  return 'fine'
}

/** For the trace: what kind of answer, and of each row its state. */
function saidOf(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null || !('kind' in answer)) return String(answer)
  const rows = 'rows' in answer && Array.isArray(answer.rows) ? answer.rows : []
  const code = 'code' in answer ? ` ${answer.code}` : ''
  return `${answer.kind}${code}${rows.map(row => ` ${String(row.id).slice(-4)}=${row.state}`).join('')}`
}

const lostCall = (): RegistryFailure => ({ kind: 'retry', code: 'ECONNRESET', message: 'The connection was lost.' })
const lostBlob = (): BlobFailure => ({ kind: 'retry', message: 'The connection was lost.' })

/** Of a process that has ended. */
const NEVER: Promise<never> = new Promise(() => undefined)

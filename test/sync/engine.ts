import type { Library } from '../../electron/library/library.ts'
import type { Point } from '../../electron/sync/points.ts'
import type { Remote } from '../../electron/sync/remote.ts'

export type EngineOptions = {
  library: Library
  tenantId: string
  userId: string
  remote: Remote
  clock: () => number
  random: () => number
  newId: () => string
  after: (ms: number, callback: () => void) => () => void
  point: (name: Point) => void
  log: (line: string) => void
  /** A fault of the engine's own. */
  bug: (what: string) => void
}

/** What a world asks of one team's engine. */
export type EngineUnderTest = {
  wake(): void
  now(): void
  heal(hashes: readonly string[]): Promise<number>
  state(): string
}

export function startEngine(_options: EngineOptions): EngineUnderTest {
  return { wake: () => undefined, now: () => undefined, heal: async () => 0, state: () => 'none' }
}

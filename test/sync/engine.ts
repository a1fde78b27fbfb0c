import type { Library } from '../../electron/library/library.ts'
import { Engine } from '../../electron/sync/engine.ts'
import type { Point } from '../../electron/sync/points.ts'
import type { Remote } from '../../electron/sync/remote.ts'

export type EngineSurroundings = {
  library: Library
  tenantId: string
  connect: () => Remote
  clock: () => number
  random: () => number
  newId: () => string
  after: (ms: number, callback: () => void) => () => void
  point: (name: Point) => void
  knownSchema: number
  /** Rows a page, there and back. */
  pageRows: number
}

/** One team's engine, as backend.ts starts it, in a simulated world. */
export function startEngine(world: EngineSurroundings): Engine {
  const engine = new Engine({
    library: world.library,
    tenantId: world.tenantId,
    connect: async () => ({ kind: 'open', remote: world.connect() }),
    clock: world.clock,
    random: world.random,
    newId: world.newId,
    after: world.after,
    knownSchema: () => world.knownSchema,
    point: world.point,
    pages: { push: world.pageRows, pull: world.pageRows },
    changed: () => undefined,
  })
  engine.start()
  return engine
}

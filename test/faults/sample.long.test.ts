import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noPostgres } from '../support/postgres.ts'
import { type Crew, gather } from './crew.ts'
import { Skipped, scaleOf } from './row.ts'
import { ROWS } from './rows.ts'
import { startWorld, type World } from './world.ts'

/** A fixed sample of `npm run faults`, which does every row of the matrix, and hundreds of kills. */
const SAMPLE = [3, 8, 18, 24, 28]

describe.skipIf(noPostgres !== undefined || process.platform !== 'linux')(
  `the fault matrix against real processes, rows ${SAMPLE.join(', ')}${noPostgres ? `: ${noPostgres}` : ''} (Linux alone: it reads /proc)`,
  () => {
    let world: World
    let crew: Crew
    beforeAll(async () => {
      world = await startWorld()
      crew = await gather(world)
    }, 120_000)
    afterAll(async () => {
      await crew?.end()
      await world?.stop()
    }, 60_000)

    test.each(ROWS.filter(row => SAMPLE.includes(row.n)).map(row => [row.n, row.title, row] as const))(
      'row %i: %s',
      async (_n, _title, row) => {
        try {
          expect(await row.run(crew, scaleOf(false))).toContain('rows equal')
        } catch (error) {
          if (!(error instanceof Skipped)) throw error
        }
      },
      300_000,
    )
  },
)

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { MISTAKES, type Mistake } from './mutations/mistakes.ts'
import { type Outcome, Scratch } from './mutations/plant.ts'

/**
 * `npm run mutations [-- --only words] [--at-once n]`: plants every known mistake in a copy of the tree and runs the suite
 * that should see it. Fails where one survives, no longer fits, or where a suite is red without any mistake.
 */
const { values } = parseArgs({
  options: { only: { type: 'string' }, 'at-once': { type: 'string' }, list: { type: 'boolean' } },
})
const wanted = MISTAKES.filter(mistake => values.only === undefined || mistake.name.includes(values.only))
const atOnce = Number(values['at-once'] ?? Math.max(1, Math.min(4, availableParallelism() >> 1)))

if (values.list) for (const { name, suite } of wanted) console.log(`${name}\n    ${suite.file} ${suite.test ?? ''}`)
else process.exitCode = await gate(wanted)

async function gate(mistakes: readonly Mistake[]): Promise<number> {
  console.log(`${mistakes.length} mistakes, ${atOnce} at once; first the suites without any.\n`)
  const suites = new Map(mistakes.map(({ suite }) => [JSON.stringify(suite), suite]))
  const scratches = Array.from({ length: atOnce }, () => new Scratch())
  let wrong = 0
  try {
    await inTurn([...suites.values()], scratches, async (suite, scratch) => {
      const outcome = await scratch.run(suite)
      if (outcome.kind === 'survived') return
      wrong++
      console.log(`✗ red without a mistake: ${suite.file} ${suite.test ?? ''}: ${say(outcome)}`)
    })
    await inTurn(mistakes, scratches, async (mistake, scratch) => {
      const outcome = await scratch.plant(mistake)
      if (outcome.kind !== 'caught') wrong++
      console.log(`${outcome.kind === 'caught' ? '✓' : '✗'} ${mistake.name.padEnd(64)} ${say(outcome)}`)
    })
  } finally {
    for (const scratch of scratches) scratch.remove()
  }
  console.log(`\n${mistakes.length} planted, ${wrong === 0 ? 'all caught' : `${wrong} wrong`}`)
  return wrong === 0 ? 0 : 1
}

async function inTurn<T>(
  items: readonly T[],
  scratches: Scratch[],
  work: (item: T, scratch: Scratch) => Promise<void>,
) {
  const waiting = [...items]
  await Promise.all(
    scratches.map(async scratch => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item, scratch)
    }),
  )
}

function say(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'caught':
      return `${outcome.seconds.toFixed(1).padStart(5)} s  by “${outcome.by}”`
    case 'survived':
      return `SURVIVED (${outcome.seconds.toFixed(1)} s)`
    case 'stale':
    case 'broken':
      return `${outcome.kind.toUpperCase()}: ${outcome.reason}`
    default:
      return outcome satisfies never
  }
}

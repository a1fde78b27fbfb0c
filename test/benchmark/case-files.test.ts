import { expect, test } from 'vitest'
import type { ServerAnswer } from '../support/model-server.ts'
import { type Field, field, RESULTS } from './field.ts'

/** The files of cases in a run: what was asked without its file would be another case. */

const addCase = async (at: Field, name: string, files: { path: string; text: string | null }[]) => {
  const kept = await Promise.all(
    files.map(async ({ path, text }) =>
      text === null
        ? { path, sha256: null, size: null }
        : at.api.cases.putFile({ path, base64: Buffer.from(text).toString('base64') }),
    ),
  )
  const content = { name, prompt: `${name}?`, expectedOutput: null, assertions: [], files: kept, tags: [], weight: 1 }
  return at.api.cases.add({ skillId: at.skillId, content: { ...content, assertions: [CONTAINS] } })
}
const CONTAINS = { type: 'contains' as const, value: 'ok' }
const lose = (at: Field, text: string) => at.change(`DELETE FROM blobs WHERE bytes = CAST('${text}' AS BLOB)`)

test('a plan is refused that would ask a case without its file, and says which and what to do', async () => {
  await using at = await field(() => ({ text: 'ok' }))
  const whole = await addCase(at, 'Whole', [{ path: 'a.csv', text: 'a,b' }])
  await addCase(at, 'Holed', [
    { path: 'here.csv', text: 'here' },
    { path: 'gone.csv', text: 'gone' },
  ])
  expect(await at.api.benchmarks.plan(at.input({}))).toMatchObject({ cells: 2 })
  lose(at, 'gone')
  const refused = async () => at.api.benchmarks.plan(at.input({})).catch((error: unknown) => error)
  expect(await refused()).toMatchObject({
    code: 'PLAN_IMPOSSIBLE',
    data: {
      reasons: [
        '“gone.csv” of the case “Holed” is not on this computer, or damaged. Add it to the case again, or leave such cases out.',
      ],
    },
  })
  expect(await at.api.benchmarks.plan(at.input({ caseIds: [whole.id] }))).toMatchObject({ cells: 1 })
  at.change("UPDATE spaces SET kind = 'team'")
  expect(await refused()).toMatchObject({ data: { reasons: [expect.stringContaining('Sync now to fetch it')] } })
  expect(at.server.requests).toHaveLength(0)
})

test('a file that goes between the plan and its cell makes that cell an error, and no result', async () => {
  let release = () => {}
  const until = new Promise<void>(resolve => {
    release = resolve
  })
  const held: ServerAnswer = { holdAfter: 0, until, reply: { text: 'ok' } }
  await using at = await field(() => held, { concurrency: 1 })
  await addCase(at, 'First', [])
  await addCase(at, 'Second', [{ path: 'gone.csv', text: 'gone' }])
  await addCase(at, 'Third', [{ path: 'here.csv', text: 'the words of the file' }])
  const id = await at.start({})
  await at.server.reached(1)
  lose(at, 'gone')
  release()
  expect(await at.ended(id)).toMatchObject({ state: 'completed', done: 3, failed: 1 })
  expect(at.server.requests).toHaveLength(2)
  expect(JSON.stringify(at.server.requests[1]?.messages)).toContain('the words of the file')
  expect(at.rows(RESULTS).map(row => [row.output_produced, row.quality_score, row.error_message])).toEqual([
    ['ok', 100, null],
    [null, null, 'Not asked: the case’s file “gone.csv” is not on this computer any more, or is damaged.'],
    ['ok', 100, null],
  ])
})

test('a file that is only named never came: the plan warns, and the model is told', async () => {
  await using at = await field(() => ({ text: 'ok' }))
  await addCase(at, 'Imported', [{ path: 'evals/in.pdf', text: null }])
  const { warnings } = await at.api.benchmarks.plan(at.input({}))
  expect(warnings[0]).toBe(
    'The case “Imported” names a file that did not come along: the model is told that it is not given.',
  )
  expect(await at.run({})).toMatchObject({ state: 'completed', failed: 0 })
  expect(at.server.requests[0]?.messages[0]?.text).toContain('<file path="evals/in.pdf">(not given)</file>')
})

test('a skill whose content goes bad in the middle stops the run rather than be tried without it', async () => {
  let release = () => {}
  const until = new Promise<void>(resolve => {
    release = resolve
  })
  const reads = { toolCalls: [{ name: 'read_skill_file', input: { name: 'brief', path: 'references/a.md' } }] }
  await using at = await field(() => ({ holdAfter: 0, until, reply: reads }), { concurrency: 1 })
  const version = await at.save('# Body', { files: { 'references/a.md': 'the reference' } })
  await addCase(at, 'First', [])
  const id = await at.start({ subjects: [{ kind: 'version', id: version }] })
  await at.server.reached(1)
  lose(at, 'the reference')
  release()
  const ended = await at.ended(id)
  expect(ended).toMatchObject({ state: 'paused', done: 0 })
  expect(ended.reason).toContain('references/a.md is missing or damaged')
  expect(at.rows(RESULTS)).toEqual([])
})

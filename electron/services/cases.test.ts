import fs from 'node:fs'
import path from 'node:path'
import { ORPCError } from '@orpc/server'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import type { CaseContent } from '../../shared/domain/benchmark/case-set.ts'
import { type TestBackend, testBackend } from '../../test/support/backend.ts'

const content = (over: Partial<CaseContent> = {}): CaseContent => ({
  name: 'fills a form',
  prompt: 'Fill it',
  expectedOutput: null,
  assertions: [{ type: 'contains', value: 'done' }],
  files: [],
  tags: [],
  weight: 1,
  ...over,
})
const newSkill = async ({ api, tenantId }: TestBackend, slug = 'pdf-forms') =>
  (await api.skills.create({ tenantId, slug, description: 'Fill forms' })).id
const code = (error: unknown) => (error instanceof ORPCError ? error.code : error)
const bytes = (name: string, text: string | Buffer) => ({
  kind: 'bytes' as const,
  name,
  base64: Buffer.from(text).toString('base64'),
})
const raw = (backend: TestBackend) => new Database(path.join(backend.dataDir, 'library.db'))

describe('cases', () => {
  test('added, edited, put away and taken back; the set has another hash each time it is another set', async () => {
    await using backend = await testBackend()
    const { api } = backend
    const skillId = await newSkill(backend)
    const empty = await api.cases.list({ skillId })
    const made = await api.cases.add({ skillId, content: content() })
    const one = await api.cases.list({ skillId })
    expect(one.cases).toEqual([made])
    const edited = await api.cases.update({
      id: made.id,
      content: content({ prompt: 'Fill it in' }),
      expected: made.updatedAt,
    })
    expect(edited.updatedAt).toBeGreaterThan(made.updatedAt)
    const two = await api.cases.list({ skillId })
    expect(await api.cases.archive({ ids: [made.id], archived: true })).toEqual({ changed: 1 })
    expect(await api.cases.archive({ ids: [made.id], archived: true })).toEqual({ changed: 0 })
    const three = await api.cases.list({ skillId })
    expect(three.cases).toEqual([])
    expect((await api.cases.list({ skillId, archived: true })).cases).toMatchObject([
      { archived: true, content: { prompt: 'Fill it in' } },
    ])
    await api.cases.archive({ ids: [made.id], archived: false })
    expect((await api.cases.list({ skillId })).setHash).toBe(two.setHash)
    expect(new Set([empty.setHash, one.setHash, two.setHash]).size).toBe(3)
    expect(three.setHash).toBe(empty.setHash)
  })

  test('two windows: the second is told what the first wrote, and overwrites nothing', async () => {
    await using backend = await testBackend()
    const { api } = backend
    const skillId = await newSkill(backend)
    const made = await api.cases.add({ skillId, content: content() })
    await api.cases.update({ id: made.id, content: content({ name: 'first' }), expected: made.updatedAt })
    const second = await api.cases
      .update({ id: made.id, content: content({ name: 'second' }), expected: made.updatedAt })
      .catch(error => error)
    expect(second).toMatchObject({ code: 'CASE_CHANGED', data: { current: { content: { name: 'first' } } } })
    expect((await api.cases.list({ skillId })).cases[0]?.content.name).toBe('first')
  })

  test('what no case may hold is refused', async () => {
    await using backend = await testBackend()
    const { api } = backend
    const skillId = await newSkill(backend)
    for (const wrong of [
      { name: ' ' },
      { prompt: '' },
      { weight: -1 },
      { tags: ['a\nb'] },
      { prompt: 'x'.repeat(1_000_001) },
    ])
      await expect(api.cases.add({ skillId, content: content(wrong) })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(api.cases.add({ skillId: 'nobody', content: content() })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(api.cases.putFile({ path: '../a', base64: '' })).rejects.toMatchObject({ code: 'PATH_REFUSED' })
    expect((await api.cases.list({ skillId })).cases).toEqual([])
  })

  test('exported and imported elsewhere, each form brings the same set, with its files', async () => {
    await using backend = await testBackend()
    const { api } = backend
    const from = await newSkill(backend)
    const file = await api.cases.putFile({ path: 'data/input.csv', base64: Buffer.from('a,b\n').toString('base64') })
    await api.cases.add({
      skillId: from,
      content: content({ files: [file], tags: ['t'], weight: 2, expectedOutput: 'e' }),
    })
    await api.cases.add({
      skillId: from,
      content: content({
        name: 'other',
        prompt: 'Say {{x}}',
        assertions: [{ type: 'regex', value: 'x', flags: 'i', not: true }],
      }),
    })
    const { setHash, cases } = await api.cases.list({ skillId: from })
    for (const form of ['skill-creator', 'promptfoo', 'csv'] as const) {
      const to = await newSkill(backend, `copy-${form}`)
      const exported = await api.cases.export({ skillId: from, form })
      const source = { kind: 'bytes' as const, name: exported.name, base64: exported.base64 }
      expect(await api.cases.import({ skillId: to, source, look: true })).toMatchObject({ form, added: 2 })
      expect((await api.cases.list({ skillId: to })).cases).toEqual([])
      expect(await api.cases.import({ skillId: to, source })).toMatchObject({
        form,
        added: 2,
        updated: 0,
        unchanged: 0,
      })
      expect(await api.cases.import({ skillId: to, source })).toMatchObject({ added: 0, updated: 0, unchanged: 2 })
      const copy = await api.cases.list({ skillId: to })
      expect(copy.setHash).toBe(setHash)
      expect(copy.cases.map(one => one.content)).toEqual(cases.map(one => one.content))
    }
  })

  test('importing again updates what changed there, leaves what is put away, and keeps the rest', async () => {
    await using backend = await testBackend()
    const { api } = backend
    const skillId = await newSkill(backend)
    const evals = (prompt: string) =>
      bytes(
        'evals.json',
        JSON.stringify({
          evals: [
            { id: 1, prompt, expectations: ['a'] },
            { id: 2, prompt: 'second' },
          ],
        }),
      )
    await api.cases.import({ skillId, source: evals('first') })
    const mine = await api.cases.add({ skillId, content: content() })
    const [, second] = (await api.cases.list({ skillId })).cases
    await api.cases.archive({ ids: [second?.id ?? ''], archived: true })
    expect(await api.cases.import({ skillId, source: evals('first, told better') })).toMatchObject({
      added: 0,
      updated: 1,
      unchanged: 1,
    })
    const { cases } = await api.cases.list({ skillId, archived: true })
    expect(cases.map(one => [one.content.prompt, one.archived])).toEqual([
      ['first, told better', false],
      ['Fill it', false],
      ['second', true],
    ])
    expect(cases[1]).toEqual(mine)
  })

  test.each([
    ['evals.json', '{"evals": 3}', 'no list of evals'],
    ['cases.yaml', 'tests: [', 'not valid YAML'],
    ['cases.csv', Buffer.from([0x61, 0xff]), 'UTF-8'],
    ['cases.zip', 'PK\u0003\u0004', 'cannot be unpacked'],
    ['cases.bin', Buffer.alloc(10), 'neither'],
  ])('hostile %s is refused in words, and nothing is kept', async (name, text, message) => {
    await using backend = await testBackend()
    const skillId = await newSkill(backend)
    const failed = await backend.api.cases.import({ skillId, source: bytes(name, text) }).catch(error => error)
    expect(failed).toMatchObject({ code: 'SOURCE_UNREADABLE', message: expect.stringContaining(message) })
    expect((await backend.api.cases.list({ skillId, archived: true })).cases).toEqual([])
  })

  test('a case too large is left out with a line, the others come', async () => {
    await using backend = await testBackend()
    const skillId = await newSkill(backend)
    const evals = {
      evals: [
        { id: 1, prompt: 'x'.repeat(1_000_001) },
        { id: 2, prompt: 'p' },
      ],
    }
    const report = await backend.api.cases.import({ skillId, source: bytes('evals.json', JSON.stringify(evals)) })
    expect(report).toMatchObject({
      added: 1,
      remarks: [{ path: expect.stringContaining('prompt'), message: expect.stringContaining('left out') }],
    })
  })

  test('from a path: evals.json with the files it names', async () => {
    await using backend = await testBackend()
    const skillId = await newSkill(backend)
    const folder = path.join(backend.dataDir, 'skill')
    fs.mkdirSync(path.join(folder, 'evals', 'files'), { recursive: true })
    fs.writeFileSync(path.join(folder, 'evals', 'files', 'a.txt'), 'hello')
    fs.writeFileSync(
      path.join(folder, 'evals', 'evals.json'),
      JSON.stringify({ evals: [{ id: 1, prompt: 'p', files: ['evals/files/a.txt'] }] }),
    )
    for (const where of ['~/skill', '~/skill/evals/evals.json'])
      await backend.api.cases.import({ skillId, source: { kind: 'path', path: where } })
    const { cases } = await backend.api.cases.list({ skillId })
    expect(cases).toMatchObject([{ content: { files: [{ path: 'evals/files/a.txt', size: 5 }] } }])
  })
})

describe('a case from feedback', () => {
  test('a training example and a bug report become cases once, and are accepted; others do not', async () => {
    await using backend = await testBackend()
    const { api } = backend
    const { tenantId } = await api.spaces.openSample()
    const waiting = (await api.feedback.list({ tenantId })).filter(row => row.status === 'pending')
    const db = raw(backend)
    const set = db.prepare(
      'UPDATE skill_feedback SET feedback_type = ?, example_input = ?, expected_output = ?, comment = ? WHERE id = ?',
    )
    const [first, second, third, fourth, fifth] = waiting
    if (!first || !second || !third || !fourth || !fifth) throw new Error('the sample has too little feedback')
    set.run('training_example', 'Fill the tax form', 'All 14 fields', 'A good one', first.id)
    set.run('bug_report', 'Fill the other form', null, 'Ticked boxes stay empty', second.id)
    set.run('bug_report', null, null, ' It fails\n', fourth.id)

    const example = await api.cases.fromFeedback({ feedbackId: first.id })
    expect(example).toMatchObject({
      made: true,
      case: {
        feedbackId: first.id,
        skillId: first.skillId,
        content: {
          name: 'A good one',
          prompt: 'Fill the tax form',
          expectedOutput: 'All 14 fields',
          assertions: [{ type: 'rubric' }],
        },
      },
    })
    const bug = await api.cases.fromFeedback({ feedbackId: second.id })
    expect(bug.case.content).toMatchObject({
      prompt: 'Fill the other form',
      assertions: [{ value: 'Does not show this fault: Ticked boxes stay empty' }],
    })
    expect(
      (await api.feedback.list({ tenantId }))
        .filter(row => [first.id, second.id].includes(row.id))
        .map(row => row.status),
    ).toEqual(['accepted', 'accepted'])
    expect(await api.cases.fromFeedback({ feedbackId: first.id })).toEqual({
      made: false,
      asks: true,
      case: example.case,
    })
    await api.cases.archive({ ids: [example.case.id], archived: true })
    expect(await api.cases.fromFeedback({ feedbackId: first.id })).toMatchObject({
      made: true,
      case: { id: example.case.id, archived: false },
    })
    expect(await api.cases.fromFeedback({ feedbackId: fourth.id })).toMatchObject({
      made: true,
      asks: false,
      case: {
        content: {
          name: 'It fails',
          prompt: 'It fails',
          assertions: [{ type: 'rubric', value: 'Does not show this fault: It fails' }],
        },
      },
    })
    // Nothing is made up for what a report leaves out.
    set.run('bug_report', 'Fill it', null, null, third.id)
    db.prepare("UPDATE skill_feedback SET example_output = 'An empty form' WHERE id = ?").run(third.id)
    const wordless = await api.cases.fromFeedback({ feedbackId: third.id })
    expect(wordless.case.content).toMatchObject({
      name: 'Fill it',
      assertions: [{ type: 'rubric', value: 'Does not answer like this: An empty form' }],
    })
    set.run('suggestion', 'x', null, 'Do better', fifth.id)
    expect(await api.cases.fromFeedback({ feedbackId: fifth.id }).catch(code)).toBe('NOT_AN_EXAMPLE')
    expect(await api.cases.fromFeedback({ feedbackId: 'nobody' }).catch(code)).toBe('NOT_FOUND')
    db.close()
  })
})

describe('in a team', () => {
  test('each change of a case and each review waits for the registry, in the transaction of the change', async () => {
    await using backend = await testBackend()
    const { api } = backend
    const skillId = await newSkill(backend)
    const db = raw(backend)
    db.prepare("UPDATE spaces SET kind = 'team'").run()
    const queued = () =>
      db
        .prepare(
          "SELECT entity, operation, payload FROM outbox WHERE entity IN ('benchmark_case', 'feedback') ORDER BY seq",
        )
        .all()
    const made = await api.cases.add({ skillId, content: content() })
    await api.cases.update({ id: made.id, content: content({ name: 'n' }), expected: made.updatedAt })
    await api.cases.archive({ ids: [made.id], archived: true })
    const user = db.prepare('SELECT user_id FROM spaces').pluck().get()
    db.prepare(
      `INSERT INTO skill_feedback (id, tenant_id, skill_id, user_id, feedback_type, example_input, expected_output, created_at, updated_at)
       VALUES ('f', ?, ?, ?, 'training_example', 'in', 'out', 1, 1)`,
    ).run(backend.tenantId, skillId, user)
    await api.cases.fromFeedback({ feedbackId: 'f' })
    expect(queued()).toEqual([
      { entity: 'benchmark_case', operation: 'insert', payload: '{}' },
      { entity: 'benchmark_case', operation: 'update', payload: '{}' },
      { entity: 'benchmark_case', operation: 'update', payload: '{}' },
      { entity: 'benchmark_case', operation: 'insert', payload: '{}' },
      {
        entity: 'feedback',
        operation: 'review',
        payload: '{"expected":"pending","status":"accepted","notes":null,"implementedBy":null}',
      },
    ])
    db.close()
  })
})

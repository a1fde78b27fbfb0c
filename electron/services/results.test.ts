import fs from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { projectDir, type TestBackend, testBackend } from '../../test/support/backend.ts'

const newSkill = async ({ api, tenantId }: TestBackend, slug = 'gke-upgrades') =>
  (await api.skills.create({ tenantId, slug, description: 'Upgrades' })).id
const raw = (backend: TestBackend) => new Database(path.join(backend.dataDir, 'library.db'))
const bytes = (name: string, text: string | Buffer) => ({
  kind: 'bytes' as const,
  name,
  base64: Buffer.from(text).toString('base64'),
})
const json = (value: unknown, name = 'benchmark.json') => bytes(name, JSON.stringify(value))
const gke = path.resolve(projectDir, '..', 'shared', 'data', 'benchmarks', 'gke-upgrades.tar.gz')
const evals = (...rates: number[]) => ({
  evals: rates.map((rate, n) => ({ eval_id: n + 1, pass_count: rate, total: 10 })),
})

describe('imported results', () => {
  test.skipIf(!fs.existsSync(gke))(
    'gke-upgrades: the pass rates of each iteration and configuration are the files’ own; again, nothing is added (skipped without the shared data)',
    async () => {
      await using backend = await testBackend()
      const { api } = backend
      const skillId = await newSkill(backend)
      const source = { kind: 'path' as const, path: gke }
      const looked = await api.results.import({ skillId, source, look: true })
      expect(looked).toMatchObject({ runsAdded: 20, casesAdded: 40 })
      expect((await api.cases.list({ skillId, archived: true })).cases).toEqual([])
      const report = await api.results.import({ skillId, source })
      expect(report).toMatchObject({
        form: 'skill-creator',
        runsAdded: 20,
        runsKnown: 0,
        resultsAdded: 6 + 46 + 80 + 160 + 5 * 80,
        casesAdded: 40,
      })
      expect(
        Object.fromEntries(
          report.runs.map(run => [`${run.group} ${run.configuration}`, Number(run.passRate?.toFixed(3))]),
        ),
      ).toEqual({
        'iteration-1 with_skill': 1,
        // Its file says 0.78, the mean of its three evals: see below.
        'iteration-1 without_skill': 0.778,
        'iteration-4 claude_with_skill': 0.804,
        'iteration-4 claude_without_skill': 0.711,
        'iteration-7 with_skill': 0.778,
        'iteration-7 without_skill': 0.509,
        'iteration-10 claude_with_skill': 0.768,
        'iteration-10 claude_without_skill': 0.556,
        'iteration-10 gemini_with_skill': 0.688,
        'iteration-10 gemini_without_skill': 0.518,
        'iteration-13 with_skill': 0.753,
        'iteration-13 without_skill': 0.494,
        'iteration-16 with_skill': 0.819,
        'iteration-16 without_skill': 0.494,
        'iteration-21 with_skill': 0.839,
        'iteration-21 without_skill': 0.489,
        'iteration-26 with_skill': 0.83,
        'iteration-26 without_skill': 0.511,
        'iteration-31 with_skill': 0.845,
        'iteration-31 without_skill': 0.463,
      })
      const first = report.runs.find(run => run.group === 'iteration-1' && run.baseline)
      expect(Number(((first?.quality ?? 0) / 100).toFixed(2))).toBe(0.78)
      const again = await api.results.import({ skillId, source })
      expect(again).toMatchObject({ runsAdded: 0, runsKnown: 20, resultsAdded: 0, casesAdded: 0, casesUpdated: 0 })
      const db = raw(backend)
      const stored = db
        .prepare(
          `SELECT json_extract(r.provenance, '$.group') AS name, r.baseline, r.case_set_hash AS hash, r.batch_id AS batch, count(*) AS results,
             sum(json_extract(b.details, '$.passed')) * 1.0 / sum(json_extract(b.details, '$.total')) AS rate
           FROM benchmark_runs r JOIN benchmark_results b ON b.run_id = r.id GROUP BY r.id ORDER BY r.created_at, r.configuration`,
        )
        .all()
      expect(stored).toHaveLength(20)
      // Both sides of an iteration belong together and had the same assertions; the assertions changed between iterations.
      const rows: { name: string; baseline: number; hash: string; batch: string }[] = JSON.parse(JSON.stringify(stored))
      for (const group of Map.groupBy(rows, row => row.name).values()) {
        expect(new Set(group.map(row => row.batch)).size).toBe(1)
        expect(new Set(group.map(row => row.hash)).size, group[0]?.name).toBe(1)
      }
      const hashes = new Map(rows.map(row => [row.name, row.hash]))
      expect(new Set(hashes.values()).size).toBe(5)
      expect(hashes.get('iteration-13')).toBe(hashes.get('iteration-31'))
      expect(hashes.get('iteration-31')).toBe((await api.cases.list({ skillId })).setHash)
      expect(hashes.get('iteration-1')).not.toBe(hashes.get('iteration-4'))
      db.close()
    },
  )

  test('each finds its case by what its file calls it; a case that only results name waits, put away, for its prompt', async () => {
    await using backend = await testBackend()
    const { api } = backend
    const skillId = await newSkill(backend)
    const benchmark = json({ iteration: 3, with_skill: evals(10, 5), without_skill: evals(2, 2) })
    expect(await api.results.import({ skillId, source: benchmark })).toMatchObject({ runsAdded: 2, casesAdded: 2 })
    expect((await api.cases.list({ skillId })).cases).toEqual([])
    expect((await api.cases.list({ skillId, archived: true })).cases).toMatchObject([
      { archived: true, results: 2, content: { name: 'Eval 1', prompt: '' } },
      { archived: true, results: 2 },
    ])
    const cases = bytes(
      'evals.json',
      JSON.stringify({
        evals: [
          { id: 1, prompt: 'one' },
          { id: 2, prompt: 'two' },
        ],
      }),
    )
    expect(await api.cases.import({ skillId, source: cases })).toMatchObject({ added: 0, updated: 2 })
    expect((await api.cases.list({ skillId })).cases).toMatchObject([
      { archived: false, results: 2, content: { prompt: 'one' } },
      { archived: false, results: 2, content: { prompt: 'two' } },
    ])
  })

  test('a configuration that came several times is told apart by where it came from', async () => {
    await using backend = await testBackend()
    const { api } = backend
    const skillId = await newSkill(backend)
    const labels = async () => (await api.measurements.runs({ skillId })).map(run => run.label).sort()
    await api.results.import({ skillId, source: json({ iteration: 3, with_skill: evals(10), other: evals(2) }) })
    expect(await labels()).toEqual(['other', 'with_skill'])
    await api.results.import({ skillId, source: json({ iteration: 4, with_skill: evals(9) }) })
    expect(await labels()).toEqual(['other', 'with_skill, iteration-3', 'with_skill, iteration-4'])
    const runs = await api.measurements.runs({ skillId })
    const cells = await api.measurements.cells({ runIds: runs.map(run => run.id) })
    expect(cells.runs.map(run => run.label)).toEqual(runs.map(run => run.label))
  })

  test('runs of other figures are other runs; the same ones are known again', async () => {
    await using backend = await testBackend()
    const { api } = backend
    const skillId = await newSkill(backend)
    const benchmark = (rate: number) =>
      json({ iteration: 3, timestamp: '2026-03-01T00:00:00Z', with_skill: evals(rate) })
    expect(await api.results.import({ skillId, source: benchmark(10) })).toMatchObject({ runsAdded: 1, runsKnown: 0 })
    expect(await api.results.import({ skillId, source: benchmark(10) })).toMatchObject({ runsAdded: 0, runsKnown: 1 })
    expect(await api.results.import({ skillId, source: benchmark(9) })).toMatchObject({ runsAdded: 1, runsKnown: 0 })
    const other = await newSkill(backend, 'another')
    expect(await api.results.import({ skillId: other, source: benchmark(10) })).toMatchObject({ runsAdded: 1 })
  })

  test('versions by their number, else by date; a baseline has none', async () => {
    let now = Date.UTC(2026, 0, 1)
    await using backend = await testBackend({ clock: () => now })
    const { api } = backend
    const skillId = await newSkill(backend)
    const first = await api.versions.save({ skillId, message: 'one' })
    now = Date.UTC(2026, 1, 1)
    const { sha256 } = await api.files.read({ of: { kind: 'working', skillId }, path: 'SKILL.md' })
    const text = '---\nname: gke-upgrades\ndescription: Upgrades, better\n---\n'
    await api.workingCopies.write({ skillId, path: 'SKILL.md', content: { kind: 'text', text }, expected: sha256 })
    const second = await api.versions.save({ skillId, message: 'two' })
    now = Date.UTC(2026, 5, 1)
    const at = (timestamp: string) => json({ timestamp, with_skill: evals(1), without_skill: evals(0), v1: evals(2) })
    const january = await api.results.import({ skillId, source: at('2026-01-15T00:00:00Z') })
    expect(january.runs.map(run => run.version)).toEqual([
      { id: first.id, number: 1, by: 'date' },
      null,
      { id: first.id, number: 1, by: 'name' },
    ])
    const march = await api.results.import({ skillId, source: at('2026-03-15T00:00:00Z') })
    expect(march.runs.map(run => run.version?.id ?? null)).toEqual([second.id, null, first.id])
    const before = await api.results.import({ skillId, source: at('2025-03-15T00:00:00Z') })
    expect(before.runs.map(run => run.version?.by ?? null)).toEqual([null, null, 'name'])
    // What was measured so is compared as any other run is.
    const evidence = await api.compare.evidence({
      left: { kind: 'version', id: first.id },
      right: { kind: 'version', id: second.id },
    })
    expect(evidence.quality.state).toBe('compared')
  })

  test('promptfoo’s output: its case is the exported one, its prompts are runs over the same cases', async () => {
    await using backend = await testBackend()
    const { api } = backend
    const skillId = await newSkill(backend)
    const output = fs.readFileSync(path.join(projectDir, 'test', 'fixtures', 'promptfoo', 'results.json'))
    const report = await api.results.import({ skillId, source: bytes('results.json', output) })
    expect(report).toMatchObject({
      form: 'promptfoo',
      toolVersion: '0.123.1',
      runsAdded: 2,
      casesAdded: 3,
      resultsAdded: 36,
    })
    const db = raw(backend)
    expect(db.prepare('SELECT count(DISTINCT case_set_hash) FROM benchmark_runs').pluck().get()).toBe(1)
    expect(db.prepare('SELECT DISTINCT repeats FROM benchmark_runs').pluck().all()).toEqual([2])
    expect(
      db
        .prepare(
          "SELECT count(*) FROM benchmark_results WHERE model_name = 'broken' AND quality_score IS NULL AND error_message IS NOT NULL",
        )
        .pluck()
        .get(),
    ).toBe(12)
    expect(db.prepare('SELECT DISTINCT cheapest_model FROM benchmark_runs').pluck().all()).toEqual([null])
    db.close()
  })

  test('a report of runs as JUnit and Markdown', async () => {
    await using backend = await testBackend()
    const { api } = backend
    const skillId = await newSkill(backend)
    const { runs } = await api.results.import({
      skillId,
      source: json({ iteration: 3, with_skill: evals(10, 5), without_skill: evals(2, 2) }),
    })
    const runIds = runs.map(run => run.id)
    const junit = await api.results.report({ runIds, form: 'junit' })
    expect(junit.name).toBe('gke-upgrades-report.xml')
    expect(junit.text).toContain(
      '<testsuites name="Whetstone benchmarks" tests="4" failures="3" errors="0" skipped="0">',
    )
    expect(junit.text).toContain('<property name="source" value="skill-creator, benchmark.json"/>')
    const { text } = await api.results.report({ runIds, form: 'markdown' })
    expect(text).toContain('| gke-upgrades iteration-3 with\\_skill | unknown | 75.0 | 75.0% | 1 | 1 |')
    expect(text).toContain('| Eval 2 | fail 5/10 | fail 2/10 |')
    await expect(api.results.report({ runIds: ['nobody'], form: 'junit' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('what cannot be read is refused in words, and nothing is kept', async () => {
    await using backend = await testBackend()
    const { api } = backend
    const skillId = await newSkill(backend)
    for (const source of [
      json({}, 'other.json'),
      bytes('results.csv', 'a,b\n1,2\n'),
      bytes('x.tar.gz', Buffer.from([0x1f, 0x8b, 0])),
      { kind: 'path' as const, path: '/nowhere' },
    ])
      await expect(api.results.import({ skillId, source })).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' })
    expect((await api.cases.list({ skillId, archived: true })).cases).toEqual([])
  })

  test('in a team, the run and each result wait for the registry after their cases', async () => {
    await using backend = await testBackend()
    const { api } = backend
    const skillId = await newSkill(backend)
    const db = raw(backend)
    db.prepare("UPDATE spaces SET kind = 'team'").run()
    await api.results.import({ skillId, source: json({ with_skill: evals(1) }) })
    expect(db.prepare("SELECT entity FROM outbox WHERE entity LIKE 'benchmark%' ORDER BY seq").pluck().all()).toEqual([
      'benchmark_case',
      'benchmark_run',
      'benchmark_result',
    ])
    db.close()
  })
})

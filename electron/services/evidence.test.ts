import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { resources, type TestBackend, testBackend } from '../../test/support/backend.ts'
import { codeOf } from '../../test/support/code-of.ts'

async function sample(t: TestBackend) {
  const { tenantId } = await t.api.spaces.openSample()
  await t.backend.settled()
  const version = async (slug: string, number: number) => {
    const [row] = (await t.api.skills.list({ tenantId, slug })).rows
    const versions = await t.api.versions.list({ skillId: row?.id ?? '' })
    return { kind: 'version', id: versions.find(one => one.number === number)?.id ?? '' } as const
  }
  const evidence = async (slug: string, left: number, right: number) =>
    t.api.compare.evidence({ left: await version(slug, left), right: await version(slug, right) })
  const skillId = async (slug: string) => (await t.api.skills.list({ tenantId, slug })).rows[0]?.id ?? ''
  return { version, evidence, skillId, tenantId }
}

describe('what two versions did', () => {
  test('better, worse and cannot tell, each with its interval, in words and by case', async () => {
    await using t = await testBackend()
    const { evidence } = await sample(t)
    const better = (await evidence('release-notes', 2, 4)).quality
    const worse = (await evidence('release-notes', 4, 5)).quality
    const unclear = (await evidence('release-notes', 6, 7)).quality
    if (better.state !== 'compared' || worse.state !== 'compared' || unclear.state !== 'compared')
      throw new Error('not compared')
    expect(better.verdict).toBe('better')
    expect(better.low).toBeGreaterThan(0)
    expect(better.words).toMatch(/^better: \+\d/)
    expect(worse.verdict).toBe('worse')
    expect(worse.high).toBeLessThan(0)
    expect(unclear.verdict).toBe('cannot-tell')
    expect(unclear.low).toBeLessThanOrEqual(0)
    expect(unclear.high).toBeGreaterThanOrEqual(0)
    // What is shown is what it is made of.
    const pairs = better.cases.flatMap(one =>
      one.leftMean === null || one.rightMean === null ? [] : [one.rightMean - one.leftMean],
    )
    expect(pairs.reduce((sum, delta) => sum + delta, 0) / pairs.length).toBeCloseTo(better.delta, 6)
    expect(better.wins + better.losses + better.ties).toBe(pairs.length)
    expect(better.right.mean - better.left.mean).toBeCloseTo(better.delta, 6)
  })

  test('the other way round is the mirror image', async () => {
    await using t = await testBackend()
    const { evidence } = await sample(t)
    const [there, back] = [(await evidence('pdf-forms', 4, 6)).quality, (await evidence('pdf-forms', 6, 4)).quality]
    if (there.state !== 'compared' || back.state !== 'compared') throw new Error('not compared')
    expect(back.delta).toBeCloseTo(-there.delta, 9)
    expect([back.low, back.high].map(value => -value).sort((a, b) => a - b)).toEqual(
      [there.low, there.high].map(value => expect.closeTo(value, 6)),
    )
    expect([there.verdict, back.verdict]).toEqual(['better', 'worse'])
  })

  test('runs that are unlike are never subtracted: the difference is named', async () => {
    await using t = await testBackend()
    const { evidence } = await sample(t)
    const cases = (await evidence('pdf-forms', 1, 6)).quality
    expect(cases).toMatchObject({ state: 'unlike', reasons: expect.arrayContaining(['They ran other cases.']) })
    expect(cases).not.toHaveProperty('delta')
    const { quality: unmeasured } = await evidence('handover-notes', 1, 2)
    expect(unmeasured).toMatchObject({ state: 'not-measured', left: null, right: null })
  })

  test('the working copy was never run, rated or paid for', async () => {
    await using t = await testBackend()
    const { version, skillId } = await sample(t)
    const right = { kind: 'working', skillId: await skillId('pdf-forms') } as const
    const evidence = await t.api.compare.evidence({ left: await version('pdf-forms', 6), right })
    expect(evidence.quality).toMatchObject({
      state: 'not-measured',
      right: null,
      reasons: [expect.stringContaining('not a saved version')],
    })
    expect(evidence.cost.right).toEqual({ mean: null, samples: 0 })
    expect(evidence.cost.difference).toBeNull()
    expect(evidence.rating.rightDistribution).toEqual([0, 0, 0, 0, 0])
  })

  test('ratings, costs and feedback are those of the two versions', async () => {
    await using t = await testBackend()
    const { evidence, skillId, version } = await sample(t)
    const { rating, feedback, cost } = await evidence('pdf-forms', 4, 6)
    const ratings = await t.api.ratings.list({ skillId: await skillId('pdf-forms') })
    const left = await version('pdf-forms', 4)
    const mine = ratings.filter(row => row.versionId === left.id)
    expect(rating.left.samples).toBe(mine.length)
    expect(rating.leftDistribution).toEqual([1, 2, 3, 4, 5].map(star => mine.filter(row => row.rating === star).length))
    expect(cost.left.samples).toBeGreaterThan(0)
    expect(feedback.every(note => note.side === 'left' || note.side === 'right')).toBe(true)
  })

  test('the series has every version once, oldest first, and joins only what was measured alike', async () => {
    await using t = await testBackend()
    const { skillId } = await sample(t)
    const id = await skillId('pdf-forms')
    const series = await t.api.versions.series({ skillId: id })
    const versions = await t.api.versions.list({ skillId: id })
    expect(series.map(point => point.versionId)).toEqual(versions.map(version => version.id).reverse())
    // Older versions are counted when somebody looks: announced, and there the next time.
    const aborted = new AbortController()
    const changes = await t.api.system.changes(undefined, { signal: aborted.signal })
    for (
      let again = series;
      again.some(point => point.tokens === null);
      again = await t.api.versions.series({ skillId: id })
    )
      expect((await changes.next()).value).toMatchObject({ nouns: ['versions'], skillIds: [id] })
    aborted.abort()
    const measured = series.flatMap(point => point.quality ?? [])
    expect(measured.length).toBeGreaterThan(2)
    expect(new Set(measured.map(quality => quality.alike)).size).toBe(2)
    for (const { mean, low, high } of measured) expect(low <= mean && mean <= high).toBe(true)
  })
})

describe('the files of two versions', () => {
  test('a file that was renamed and edited is one change', async () => {
    await using t = await testBackend()
    const { version } = await sample(t)
    const { changes } = await t.api.compare.get({
      left: await version('pdf-forms', 4),
      right: await version('pdf-forms', 5),
    })
    expect(changes).toContainEqual(
      expect.objectContaining({ kind: 'renamed', fromPath: 'scripts/fill.py', path: 'scripts/fill_form.py' }),
    )
  })
})

describe('a folder on disk', () => {
  test('is compared as it is now, and its files are those that were compared', async () => {
    await using t = await testBackend()
    const { version } = await sample(t)
    const of = await version('pdf-forms', 5)
    const { path: folder } = await t.api.exports.toFolder({ of, parent: path.join(t.dataDir, 'out') })
    const right = { kind: 'folder', path: folder } as const
    const same = await t.api.compare.get({ left: of, right })
    expect(same.changes).toEqual([])
    expect(same.right).toMatchObject({ skillId: null, skillName: 'pdf-forms', number: null, averageRating: null })
    fs.appendFileSync(path.join(folder, 'SKILL.md'), '\nmore\n')
    const changed = await t.api.compare.get({ left: of, right })
    expect(changed.changes).toMatchObject([{ kind: 'changed', path: 'SKILL.md' }])
    fs.appendFileSync(path.join(folder, 'SKILL.md'), 'later\n')
    const read = await t.api.files.read({ of: right, path: 'SKILL.md' })
    expect(read.kind === 'text' && read.text.endsWith('\nmore\n')).toBe(true)
    expect(await codeOf(t.api.compare.get({ left: of, right: { kind: 'folder', path: resources.migrations } }))).toBe(
      'FOLDER_UNREADABLE',
    )
    expect(await codeOf(t.api.compare.get({ left: of, right: { kind: 'folder', path: '/no/such' } }))).toBe(
      'FOLDER_UNREADABLE',
    )
  })

  test('what is published is looked up each time', async () => {
    await using t = await testBackend()
    const { skillId, version } = await sample(t)
    const id = await skillId('csv-cleaning')
    const of = { kind: 'published', skillId: id } as const
    const { left } = await t.api.compare.get({ left: of, right: of })
    expect(left).toMatchObject({ number: 4, published: true, versionId: (await version('csv-cleaning', 4)).id })
    await t.api.versions.publish({ skillId: id, versionId: null, expected: left.versionId })
    expect(await codeOf(t.api.compare.get({ left: of, right: of }))).toBe('NOT_FOUND')
  })
})

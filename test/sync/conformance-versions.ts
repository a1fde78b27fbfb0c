import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import type { VersionToPush } from '../../electron/sync/remote.ts'
import { newSkill, newVersion } from '../registry/registry.ts'
import { chain, type Get, pullAll, rowsOf, skillWith, statesOf } from './conformance-support.ts'
import type { MemberUnderTest } from './team.ts'

export function versions(get: Get) {
  test('are numbered in their order, from one, and told with number, place and hash', async () => {
    const { author } = get()
    const { skill } = await skillWith(author, 0)
    const made = chain(skill.id, 3)
    const rows = await rowsOf(author.remote.pushVersions(made))
    expect(rows).toMatchObject(
      made.map((version, n) => ({
        id: version.id,
        state: 'inserted',
        version: n + 1,
        content_hash: version.content_hash,
        seq: expect.any(Number),
        created_at: expect.any(Number),
      })),
    )
  })

  test('sent again they are identical, with the number they have', async () => {
    const { author } = get()
    const { versions: made } = await skillWith(author, 3)
    for (const remote of [author.remote, author.again()])
      expect(await rowsOf(remote.pushVersions(made))).toMatchObject(
        made.map((version, n) => ({ id: version.id, state: 'identical', version: n + 1, seq: null })),
      )
    const [, second] = made
    expect(second && (await rowsOf(author.remote.pushVersions([second])))).toMatchObject([
      { state: 'identical', version: 2 },
    ])
  })

  test('the same id with anything else, or from somebody else, is a conflict that changes nothing', async () => {
    const { author, other } = get()
    const { versions: made } = await skillWith(author, 2)
    const [first, second] = made
    if (!first || !second) throw new Error('there are two')
    const others: Partial<VersionToPush>[] = [
      { content_hash: 'f'.repeat(64) },
      { message: 'another' },
      { name: 'another' },
      { description: 'another' },
      { metadata: '{"a":1}' },
      { content_type: 'text/plain' },
      { parent_version_id: null },
      { merged_version_id: first.id },
    ]
    for (const over of others)
      expect(await rowsOf(author.remote.pushVersions([{ ...second, ...over }]))).toMatchObject([
        { state: 'conflict', version: 2, content_hash: second.content_hash },
      ])
    expect(await statesOf(other.remote.pushVersions([first]))).toEqual(['conflict'])
    expect(await statesOf(author.remote.pushVersions(made))).toEqual(['identical', 'identical'])
  })

  test('old, new and conflicting ones of one page are told apart, in the page’s order', async () => {
    const { author } = get()
    const { skill, versions: made, ids } = await skillWith(author, 2)
    const fresh = newVersion(skill.id, { parent_version_id: ids[1] ?? null })
    const stolen = { ...newVersion(skill.id), id: ids[0] ?? '' }
    const rows = await rowsOf(author.remote.pushVersions([stolen, fresh, ...made.slice(1)]))
    expect(rows.map(row => [row.id, row.state])).toEqual([
      [ids[0], 'conflict'],
      [fresh.id, 'inserted'],
      [ids[1], 'identical'],
    ])
    expect(rows[1]).toMatchObject({ version: 3 })
  })

  test('a version comes after its parents, in the page or before it; one without them is refused alone', async () => {
    const { author } = get()
    const { skill } = await skillWith(author, 0)
    const [parent, child] = chain(skill.id, 2)
    if (!parent || !child) throw new Error('there are two')
    expect(await rowsOf(author.remote.pushVersions([child]))).toMatchObject([
      { id: child.id, state: 'refused', code: 'WS404', reason: expect.any(String) },
    ])
    expect(await statesOf(author.remote.pushVersions([child, parent]))).toEqual(['refused', 'inserted'])
    const merge = newVersion(skill.id, { parent_version_id: child.id, merged_version_id: parent.id })
    expect(await statesOf(author.remote.pushVersions([child, merge]))).toEqual(['inserted', 'inserted'])
    const stray = newVersion(skill.id, { parent_version_id: merge.id, merged_version_id: v7() })
    expect(await statesOf(author.remote.pushVersions([stray]))).toEqual(['refused'])
  })

  test('a version of a skill that is not there is refused', async () => {
    const { author } = get()
    expect(await rowsOf(author.remote.pushVersions([newVersion(v7())]))).toMatchObject([
      { state: 'refused', code: 'WS404' },
    ])
  })

  test('a refused row does not spoil its page', async () => {
    const { author } = get()
    const { skill } = await skillWith(author, 0)
    const page = Array.from({ length: 21 }, () => newVersion(skill.id))
    const bad = page.map((version, n) => (n % 10 === 5 ? { ...version, metadata: 'not JSON' } : version))
    const rows = await rowsOf(author.remote.pushVersions(bad))
    expect(rows.map(row => row.id)).toEqual(page.map(version => version.id))
    expect(rows.map(row => row.state)).toEqual(page.map((_, n) => (n % 10 === 5 ? 'refused' : 'inserted')))
    expect(rows.filter(row => row.state === 'refused')).toEqual(
      [5, 15].map(n => ({ id: page[n]?.id, state: 'refused', code: '23514', reason: expect.any(String) })),
    )
    expect(rows.flatMap(row => (row.state === 'refused' ? [] : [row.version]))).toEqual(
      Array.from({ length: 19 }, (_, n) => n + 1),
    )
  })

  test('a line of versions longer than a page goes in whole, past one that is refused', async () => {
    const { author } = get()
    const { skill } = await skillWith(author, 0)
    const long = chain(skill.id, 2_500)
    const spoiled = long.map((version, n) =>
      n === 700
        ? { ...version, metadata: '{' }
        : n === 701
          ? { ...version, parent_version_id: long[699]?.id ?? null }
          : version,
    )
    const rows = await rowsOf(author.remote.pushVersions(spoiled))
    expect(rows.map(row => row.id)).toEqual(long.map(version => version.id))
    expect(rows.flatMap((row, n) => (row.state === 'refused' ? [n] : []))).toEqual([700])
    // A page sent ahead may have been in before the spoiled one was mended, so not every one is told as inserted.
    expect(new Set(rows.map(row => row.state))).not.toContain('conflict')
    const numbers = rows.flatMap(row => (row.state === 'refused' ? [] : [row.version]))
    expect([...numbers].sort((x, y) => x - y)).toEqual(Array.from({ length: 2_499 }, (_, n) => n + 1))
  })

  test('two members who save at once keep all their versions, numbered without a gap', async () => {
    const { author, other } = get()
    const { skill, ids } = await skillWith(author, 1)
    const push = async ({ remote }: MemberUnderTest): Promise<number[]> => {
      const numbers: number[] = []
      for (let n = 0; n < 6; n++)
        for (const row of await rowsOf(remote.pushVersions(chain(skill.id, 3, ids[0] ?? null)))) {
          expect(row.state).toBe('inserted')
          if (row.state !== 'refused') numbers.push(row.version)
        }
      return numbers
    }
    const [ours, theirs] = await Promise.all([push(author), push(other)])
    for (const numbers of [ours, theirs]) expect(numbers).toEqual([...numbers].sort((x, y) => x - y))
    expect([...ours, ...theirs].sort((x, y) => x - y)).toEqual(Array.from({ length: 36 }, (_, n) => n + 2))
  })

  test('one page sent twice at once goes in once', async () => {
    const { author } = get()
    const { skill } = await skillWith(author, 0)
    const page = chain(skill.id, 5)
    const again = author.again()
    const answers = await Promise.all([author.remote, again, author.remote].map(one => rowsOf(one.pushVersions(page))))
    for (const rows of answers) expect(rows).toMatchObject(page.map((_, n) => ({ version: n + 1 })))
    expect(answers.flatMap(rows => rows.filter(row => row.state === 'inserted'))).toHaveLength(5)
    expect(answers.flatMap(rows => rows.filter(row => row.state === 'identical'))).toHaveLength(10)
  })

  test('nothing sent is nothing said', async () => {
    const { author } = get()
    expect(await author.remote.pushVersions([])).toEqual({ kind: 'answered', rows: [] })
    expect(await author.remote.removeRows('ratings', [])).toEqual({ kind: 'answered', rows: [] })
  })

  test('a reader may push none', async () => {
    const { author, reader } = get()
    const { skill } = await skillWith(author, 0)
    expect(await reader.remote.pushVersions([newVersion(skill.id)])).toMatchObject({ kind: 'denied' })
    expect(await reader.remote.pushSkills([newSkill()])).toMatchObject({ kind: 'denied' })
  })

  test('another tenant neither sees nor touches them, and may use the same id', async () => {
    const { author, stranger } = get()
    const { skill, versions: made } = await skillWith(author, 1)
    expect(await statesOf(stranger.remote.pushVersions([newVersion(skill.id)]))).toEqual(['refused'])
    expect(await statesOf(stranger.remote.pushSkills([{ ...skill, slug: `${skill.slug}-b` }]))).toEqual(['inserted'])
    const theirs = made.map(version => ({ ...version, message: 'ours' }))
    expect(await statesOf(stranger.remote.pushVersions(theirs))).toEqual(['inserted'])
    expect(await statesOf(author.remote.pushVersions(made))).toEqual(['identical'])
    const mine = (await pullAll(author.remote)).changes.filter(change => change.id === made[0]?.id)
    expect(mine).toMatchObject([{ operation: 'put', row: { message: made[0]?.message } }])
    for (const change of (await pullAll(stranger.remote)).changes)
      if (change.operation === 'put' && change.entity !== 'tenants')
        expect(change.row.tenant_id).not.toBe(get().tenantId)
  })
}

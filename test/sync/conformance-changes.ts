import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { PAGE_BYTES } from '../../electron/registry/pull.ts'
import type { Change } from '../../electron/sync/remote.ts'
import { newCase, newFeedback, newRating, newSkill, newVersion } from '../registry/registry.ts'
import { chain, counter, type Get, pageOf, pullAll, rowsOf, START, skillWith, statesOf } from './conformance-support.ts'

export function greeting(get: Get) {
  test('each member is told who they are, and of their own tenant alone', async () => {
    const { author, stranger, tenantId } = get()
    expect(await author.remote.hello()).toMatchObject({
      kind: 'hello',
      hello: { tenant_id: tenantId, user_id: author.userId, role: 'author', publish_needs_approval: 0 },
    })
    const there = await stranger.remote.hello()
    expect(there).toMatchObject({ kind: 'hello', hello: { user_id: stranger.userId } })
    expect(there.kind === 'hello' && there.hello?.tenant_id).not.toBe(tenantId)
  })

  test('the number it names is where a pull ends', async () => {
    const { author } = get()
    await skillWith(author, 1)
    const { at } = await pullAll(author.remote)
    const said = await author.remote.hello()
    expect(said.kind === 'hello' && said.hello?.n).toBe(at.since)
  })
}

/** Each row as it came last: what others refer to may have come before as well. */
const lastOf = (changes: readonly Change[]): Change[] =>
  changes.filter((one, n) => !changes.slice(n + 1).some(later => later.entity === one.entity && later.id === one.id))

export function pulling(get: Get) {
  test('gives every row at its last place, in order, pages that join without a gap, and then nothing', async () => {
    const { author, other } = get()
    const { at: start } = await pullAll(author.remote)
    const { skill, ids } = await skillWith(author, 5)
    await skillWith(other, 3)
    await author.remote.publish({ skillId: skill.id, versionId: ids[0] ?? null, expected: null, content: null })
    const whole = await pullAll(author.remote, start, 1_000)
    for (const limit of [1, 2, 3, 7]) {
      const paged = await pullAll(other.remote, start, limit)
      expect(lastOf(paged.changes)).toEqual(lastOf(whole.changes))
      expect(paged.at).toEqual(whole.at)
      const places = paged.changes.map(change => change.seq)
      expect(places).toEqual([...new Set(places)].sort((x, y) => x - y))
    }
    expect(await pageOf(author.remote.pull(whole.at, 10))).toMatchObject({ changes: [], next: whole.at })
    // Asked for none it says whether the log is still the one that was read.
    const head = whole.at.since
    expect(await pageOf(author.remote.pull(start, 0))).toMatchObject({ changes: [], next: start, head })
    const unlike = { since: start.since, mark: v7() }
    expect(await author.remote.pull(unlike, 0)).toMatchObject({ kind: 'rewritten', head })
  })

  test('sends the whole row as the library has it, without what only the registry keeps', async () => {
    const { author } = get()
    const { at } = await pullAll(author.remote)
    const { skill, versions: made } = await skillWith(author, 1)
    const { changes } = await pullAll(author.remote, at)
    const version = changes.find(change => change.entity === 'skill_versions')
    expect(version).toMatchObject({
      operation: 'put',
      row: { ...made[0], version: 1, tenant_id: get().tenantId, created_by: author.userId },
    })
    const row = changes.find(change => change.entity === 'skills')
    expect(row).toMatchObject({
      row: { id: skill.id, author_id: author.userId, average_rating: null, total_ratings: 0 },
    })
    for (const change of changes)
      if (change.operation === 'put') for (const own of ['seq', 'versions']) expect(change.row).not.toHaveProperty(own)
  })

  test('a page is bounded by its bytes as well as by its rows, and nothing is left out', async () => {
    const { author } = get()
    const { at } = await pullAll(author.remote)
    const { skill } = await skillWith(author, 0)
    const cases = Array.from({ length: 9 }, (_, n) =>
      newCase(skill.id, { prompt: `${n}`.padEnd(1_000_000, 'p'), expected_output: 'é'.repeat(400_000) }),
    )
    expect(await statesOf(author.remote.pushRows('benchmark_cases', cases))).toEqual(cases.map(() => 'inserted'))
    const came: string[] = []
    let pages = 0
    for (let from = at; ; pages++) {
      const page = await pageOf(author.remote.pull(from, 1_000))
      const bytes = page.changes.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)), 0)
      expect(bytes).toBeLessThan(PAGE_BYTES + 100_000)
      came.push(...page.changes.flatMap(one => (one.entity === 'benchmark_cases' ? [one.id] : [])))
      expect(page.next.since > from.since || page.next.since === page.head).toBe(true)
      from = page.next
      if (from.since === page.head) break
    }
    expect(came).toEqual(cases.map(one => one.id))
    // 1.8 MB each: four to a page.
    expect(pages).toBe(2)
  })

  test('sends nothing before what it refers to, from any page size', async () => {
    const { author, reader } = get()
    const { skill, ids } = await skillWith(author, 4)
    await reader.remote.pushRows('ratings', [newRating(skill.id, ids[2] ?? '')])
    await author.remote.pushVersions(chain(skill.id, 1, ids[3] ?? null))
    for (const limit of [1, 9, 100]) {
      const { changes } = await pullAll(reader.remote, START, limit)
      const seen = new Set<string>()
      for (const change of changes) {
        if (change.operation !== 'put') continue
        const { parent_version_id, merged_version_id, skill_id, skill_version_id, run_id, case_id } = change.row
        const { user_id, author_id, created_by, triggered_by } = change.row
        for (const id of [skill_id, skill_version_id, run_id, case_id, user_id, author_id, created_by, triggered_by])
          if (id) expect(seen).toContain(id)
        if (change.entity === 'skill_versions')
          for (const id of [parent_version_id, merged_version_id]) if (id) expect(seen).toContain(id)
        seen.add(change.id)
      }
      expect(seen).toContain(skill.id)
    }
  })

  test('the last place of a skill is the state that a change of it is made from', async () => {
    const { author, admin } = get()
    const { skill } = await skillWith(author, 3)
    for (const limit of [1, 3, 1_000]) {
      const { changes } = await pullAll(admin.remote, START, limit)
      const last = changes.findLast(change => change.id === skill.id)
      const changed = { ...skill, category: `by ${limit}`, expected_seq: last?.seq ?? 0 }
      expect(await statesOf(admin.remote.pushSkills([changed]))).toEqual(['updated'])
    }
  })

  test('a row that changed again comes once, at its last place; a deleted one as its tombstone', async () => {
    const { author, reader } = get()
    const { at } = await pullAll(author.remote)
    const { skill, ids } = await skillWith(author, 1)
    const kept = newRating(skill.id, ids[0] ?? '', { rating: 1 })
    await reader.remote.pushRows('ratings', [kept])
    await reader.remote.pushRows('ratings', [{ ...kept, rating: 3 }])
    const gone = newFeedback(skill.id, null)
    await reader.remote.pushRows('feedback', [gone])
    await reader.remote.removeRows('skill_feedback', [gone.id])
    const { changes } = await pullAll(author.remote, at, 2)
    expect(changes.filter(change => change.id === kept.id)).toMatchObject([{ operation: 'put', row: { rating: 3 } }])
    expect(changes.filter(change => change.id === gone.id)).toEqual([
      { seq: expect.any(Number), entity: 'skill_feedback', operation: 'delete', id: gone.id },
    ])
    expect(changes.findIndex(change => change.id === kept.id)).toBeGreaterThan(
      changes.findIndex(change => change.id === ids[0]),
    )
  })

  test('a call that changed nothing moves nothing', async () => {
    const { author } = get()
    const { skill, versions: made } = await skillWith(author, 2)
    const { at } = await pullAll(author.remote)
    await author.remote.pushVersions(made)
    await author.remote.pushSkills([skill])
    await author.remote.pushVersions([{ ...newVersion(skill.id), id: made[0]?.id ?? '' }])
    await author.remote.removeRows('ratings', [v7()])
    expect((await pullAll(author.remote, at)).changes).toEqual([])
  })
}

export function pullingBeside(get: Get) {
  test('nothing is missed while another’s transaction is open', async () => {
    const team = get()
    const { author, other } = team
    if (!team.openPush) throw new Error('this team cannot keep a transaction open')
    const { skill } = await skillWith(author, 1)
    const { skill: theirs } = await skillWith(other, 1)
    const before = await pullAll(author.remote)
    const slow = chain(skill.id, 2)
    const commit = await team.openPush(author, slow)
    // The writers of one tenant wait for each other from their number to their commit, so this one comes after.
    const quick = chain(theirs.id, 1)
    const pushed = other.remote.pushVersions(quick)
    // Often enough that one that does not wait has come by the last time.
    let during = await pullAll(author.remote, before.at)
    for (let times = 0; times < 30; times++) {
      expect(during.changes).toEqual([])
      during = await pullAll(author.remote, during.at)
    }
    expect(during.changes).toEqual([])
    await commit()
    expect(await statesOf(pushed)).toEqual(['inserted'])
    const after = await pullAll(author.remote, during.at)
    const arrived = after.changes.filter(change => change.entity === 'skill_versions').map(change => change.id)
    expect(arrived).toEqual([...slow, ...quick].map(version => version.id))
  })
}

export function listening(get: Get) {
  test('wakes when it begins, and when another member changed something; not after it was stopped', async () => {
    const { author, other, reader } = get()
    const connected = counter()
    const changed = counter()
    const stop = reader.remote.listen({ changed: changed.call, connected: connected.call })
    await connected.reaches(1)
    await changed.reaches(1)
    const before = changed.calls()
    await skillWith(author, 1)
    await changed.reaches(before + 1)
    const then = changed.calls()
    await skillWith(other, 0)
    await changed.reaches(then + 1)
    await stop()
    const ended = changed.calls()
    const witness = counter()
    const stopWitness = author.remote.listen({ changed: witness.call })
    await witness.reaches(1)
    await skillWith(author, 0)
    await witness.reaches(2)
    expect(changed.calls()).toBe(ended)
    await stopWitness()
  })

  test('is not woken by another tenant', async () => {
    const { author, stranger } = get()
    const mine = counter()
    const connected = counter()
    const stop = author.remote.listen({ changed: mine.call, connected: connected.call })
    await connected.reaches(1)
    await mine.reaches(1)
    await skillWith(stranger, 1)
    expect(mine.calls()).toBe(1)
    await skillWith(author, 0)
    await mine.reaches(2)
    await stop()
  })
}

export function endings(get: Get) {
  test('a registry put back to a backup says so to whoever knew more, under another epoch', async () => {
    const team = get()
    const { author, other, reader } = team
    const { skill, ids } = await skillWith(author, 1)
    const kept = await pullAll(other.remote)
    const { epoch } = await pageOf(other.remote.pull(kept.at, 1))
    const restore = await team.backup()
    const lost = chain(skill.id, 2, ids[0] ?? null)
    await author.remote.pushVersions(lost)
    const ahead = await pullAll(other.remote)
    await restore()
    const told = await other.remote.pull(ahead.at, 10)
    expect(told).toMatchObject({ kind: 'rewritten', head: kept.at.since })
    expect('epoch' in told && told.epoch).not.toBe(epoch)
    expect(await author.remote.hello()).toMatchObject({ hello: { n: kept.at.since } })

    // Numbers are given again: the mark tells that they are not the ones that were known.
    await other.remote.pushSkills([newSkill()])
    await author.remote.pushVersions(chain(skill.id, 4, ids[0] ?? null))
    const head = (await pullAll(reader.remote)).at.since
    expect(head).toBeGreaterThanOrEqual(ahead.at.since)
    expect(await other.remote.pull(ahead.at, 10)).toMatchObject({ kind: 'rewritten', head })

    // What was lost goes in again, under new numbers.
    const again = await rowsOf(author.remote.pushVersions(lost))
    expect(again).toMatchObject([
      { state: 'inserted', version: 6 },
      { state: 'inserted', version: 7 },
    ])
    const all = (await pullAll(other.remote)).changes.map(change => change.id)
    for (const { id } of lost) expect(all).toContain(id)
  })

  test('whoever was removed is told so by every call', async () => {
    const team = get()
    const { reader, author } = team
    const denied = counter()
    const connected = counter()
    reader.remote.listen({ changed: () => undefined, connected: connected.call, denied: denied.call })
    await connected.reaches(1)
    await team.remove(reader)
    const said = await settled(() => reader.remote.hello())
    expect(said.kind === 'denied' || (said.kind === 'hello' && said.hello === undefined)).toBe(true)
    expect(await reader.remote.pull(START, 1)).toMatchObject({ kind: 'denied' })
    expect(await reader.remote.pushRows('ratings', [newRating(v7(), v7())])).toMatchObject({ kind: 'denied' })
    await denied.reaches(1)
    expect(await author.remote.hello()).toMatchObject({ kind: 'hello', hello: { user_id: author.userId } })
  })
}

/** The first answer that is no `retry`: the connection was cut under the call before. */
async function settled<A extends { kind: string }>(call: () => Promise<A>): Promise<A> {
  const first = await call()
  return first.kind === 'retry' ? await call() : first
}

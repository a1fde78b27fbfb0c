import { expect } from 'vitest'
import type { Change, Cursor, Pulled, RegistryFailure, Remote, VersionToPush } from '../../electron/sync/remote.ts'
import { newSkill, newVersion } from '../registry/registry.ts'
import type { MemberUnderTest, TeamUnderTest } from './team.ts'

export type Get = () => TeamUnderTest
export type Rows<R> = R extends { kind: 'answered'; rows: (infer Row)[] } ? Row : never

/** The rows of an answer; anything else fails the test with what it was. */
export async function rowsOf<A extends { kind: string }>(call: Promise<A>): Promise<Rows<A>[]>
export async function rowsOf(call: Promise<{ kind: string; rows?: unknown[] }>): Promise<unknown[]> {
  const answer = await call
  if (answer.kind !== 'answered' || !answer.rows) throw new Error(JSON.stringify(answer))
  return answer.rows
}
export async function statesOf(
  call: Promise<{ kind: string; rows?: readonly { state: string }[] }>,
): Promise<readonly string[]> {
  const answer = await call
  return answer.rows?.map(row => row.state) ?? [answer.kind]
}

/** A skill of that member's with so many versions, each the child of the one before. */
export async function skillWith({ remote }: MemberUnderTest, count: number, over: Partial<VersionToPush> = {}) {
  const skill = newSkill()
  expect(await statesOf(remote.pushSkills([skill]))).toEqual(['inserted'])
  const made = chain(skill.id, count).map(version => ({ ...version, ...over }))
  if (count > 0) expect(await statesOf(remote.pushVersions(made))).toEqual(made.map(() => 'inserted'))
  return { skill, versions: made, ids: made.map(version => version.id) }
}

export function chain(skillId: string, count: number, from: string | null = null): VersionToPush[] {
  let parent = from
  return Array.from({ length: count }, () => {
    const version = newVersion(skillId, { parent_version_id: parent })
    parent = version.id
    return version
  })
}

export type Page = Extract<Pulled, { kind: 'page' }>
export async function pageOf(call: Promise<Pulled | RegistryFailure>): Promise<Page> {
  const answer = await call
  if (answer.kind !== 'page') throw new Error(JSON.stringify(answer))
  return answer
}

export const START: Cursor = { since: 0, mark: null }

/** Everything after a cursor, in order. */
export async function pullAll(
  remote: Remote,
  from: Cursor = START,
  limit = 50,
): Promise<{ changes: Change[]; at: Cursor }> {
  const changes: Change[] = []
  for (let at = from; ; ) {
    const page = await pageOf(remote.pull(at, limit))
    changes.push(...page.changes)
    at = page.next
    if (at.since >= page.head) return { changes, at }
  }
}

export async function lastRowOf(remote: Remote, entity: string, id: string) {
  const { changes } = await pullAll(remote)
  const change = changes.findLast(one => one.entity === entity && one.id === id)
  return change?.operation === 'put' ? change.row : undefined
}

/** Resolves when it has been called so many times. */
export function counter() {
  let calls = 0
  let waiting: { count: number; resolve: () => void }[] = []
  return {
    call: () => {
      calls++
      for (const one of waiting) if (one.count <= calls) one.resolve()
      waiting = waiting.filter(one => one.count > calls)
    },
    calls: () => calls,
    reaches: (count: number) =>
      calls >= count ? Promise.resolve() : new Promise<void>(resolve => waiting.push({ count, resolve })),
  }
}

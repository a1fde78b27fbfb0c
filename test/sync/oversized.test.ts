import { expect, test } from 'vitest'
import { Office } from './rounds-support.ts'

test('a row that is not sent for its size is named and set aside; everything else arrives and sync goes on', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'))
  const cleo = office.machine(office.member('Cleo'))
  const large = await ben.newSkill('large')
  expect(await ben.round()).toEqual({ kind: 'done' })
  const small = await ben.newSkill('small')
  expect(await ben.round()).toEqual({ kind: 'done' })
  const real = office.registry.remoteFor(cleo.member.login)
  cleo.fault = (call, [cursor]) =>
    call === 'pull'
      ? // As a registry answers that holds a skill of 560 MB.
        real.pull(cursorOf(cursor), 1_000).then(answer => {
          if (answer.kind !== 'page') return answer
          const changes = answer.changes.map(change =>
            change.id === large
              ? { seq: change.seq, entity: 'skills', operation: 'oversized', id: large, bytes: 560_000_000 }
              : change,
          )
          return { ...answer, changes }
        })
      : undefined
  expect(await cleo.round()).toMatchObject({ kind: 'done' })
  expect(await cleo.history(small)).toEqual([['First', 1]])
  expect(cleo.log().join('\n')).toContain(
    `skills ${large} of the registry was set aside: is too large to be sent (560 MB)`,
  )
  expect(cleo.library.all('SELECT entity, id FROM invalid_rows')).toEqual([{ entity: 'skills', id: large }])
  expect(cleo.conflicts()).toEqual(['invalid'])
  expect(await cleo.round()).toMatchObject({ kind: 'done' })
  // Once it fits it is there, and what waited for it.
  cleo.fault = () => undefined
  await ben.save(large, 'Shorter')
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(await cleo.round()).toMatchObject({ kind: 'done' })
  expect(await cleo.history(large)).toEqual([
    ['Shorter', 2],
    ['First', 1],
  ])
  expect(cleo.library.all('SELECT 1 FROM waiting_rows UNION ALL SELECT 1 FROM invalid_rows')).toEqual([])
  expect(cleo.conflicts()).toEqual([])
})

function cursorOf(value: unknown): { since: number; mark: string | null } {
  const known = typeof value === 'object' && value !== null && 'since' in value && 'mark' in value
  if (!known || typeof value.since !== 'number') throw new Error('no cursor')
  return { since: value.since, mark: typeof value.mark === 'string' ? value.mark : null }
}

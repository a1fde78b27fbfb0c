import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { RebuildReport } from '../shared/contract/system.ts'
import { testBackend } from './support/backend.ts'

/** A backend's library, broken under it between two starts, and what the page then sees. */
const fileOf = (dataDir: string) => path.join(dataDir, 'library.db')

async function rebuild(api: Awaited<ReturnType<typeof testBackend>>['api']): Promise<RebuildReport> {
  const steps = await api.system.rebuild()
  for (;;) {
    const next = await steps.next()
    if (next.done) return next.value
  }
}

test('a broken library is rebuilt from the page, and opens with what was in it', async () => {
  await using first = await testBackend()
  const { id: skillId } = await first.api.skills.create({ tenantId: first.tenantId, slug: 'kept' })
  const { files } = await first.api.workingCopies.get({ skillId })
  await first.api.workingCopies.write({
    skillId,
    path: 'SKILL.md',
    content: { kind: 'text', text: '---\nname: kept\ndescription: d\n---\nwords' },
    expected: files[0]?.sha256 ?? null,
  })
  await first.api.versions.save({ skillId, message: 'one' })
  await first.backend.close()
  const bytes = fs.readFileSync(fileOf(first.dataDir))
  // The schema's page list and a root in the middle: SQLite refuses it.
  bytes.fill(0xff, 100, 200)
  fs.writeFileSync(fileOf(first.dataDir), bytes)

  await using second = await testBackend({ dataDir: first.dataDir })
  expect((await second.api.system.info()).library).toMatchObject({ state: 'problem', code: 'BROKEN' })
  await expect(second.api.skills.get({ id: skillId })).rejects.toThrow()
  const report = await rebuild(second.api)
  expect(report).toMatchObject({ skills: 1, versions: 1, lost: [] })
  expect((await second.api.system.info()).library).toEqual({ state: 'ready' })
  const [version] = await second.api.versions.list({ skillId })
  expect(version?.message).toBe('one')
  await second.backend.settled()
  const found = await second.api.skills.list({ tenantId: first.tenantId, query: 'words' })
  expect(found.rows.map(row => row.id)).toEqual([skillId])
  // A sound one is not rebuilt.
  await expect(rebuild(second.api)).rejects.toMatchObject({ code: 'READ_ONLY' })
})

test('a start after the -wal was deleted says that the library is older, and opens it as it is on request', async () => {
  await using first = await testBackend()
  await first.api.skills.create({ tenantId: first.tenantId, slug: 'before' })
  await first.backend.close()
  fs.copyFileSync(fileOf(first.dataDir), `${fileOf(first.dataDir)}.before`)
  await using second = await testBackend({ dataDir: first.dataDir })
  await second.api.skills.create({ tenantId: first.tenantId, slug: 'after' })
  await second.backend.close()
  fs.renameSync(`${fileOf(first.dataDir)}.before`, fileOf(first.dataDir))

  await using third = await testBackend({ dataDir: first.dataDir })
  expect((await third.api.system.info()).library).toMatchObject({ state: 'problem', code: 'OLDER' })
  await third.api.system.openAsItIs()
  const { rows } = await third.api.skills.list({ tenantId: first.tenantId })
  expect(rows.map(row => row.slug)).toEqual(['before'])
})

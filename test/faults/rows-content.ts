import { blobKey } from '../../electron/registry/blobs.ts'
import { bareBucket } from '../support/r2.ts'
import { synced } from './app.ts'
import { withLibrary } from './oracle.ts'
import { eventually, type Row } from './row.ts'

/** Content and rows that are not what they say. */

const filesOf = (dataDir: string, versionId: string): { sha256: string; path: string }[] =>
  withLibrary(dataDir, library =>
    library.all(
      `SELECT f.value ->> 'sha256' AS sha256, f.value ->> 'path' AS path FROM skill_versions v
       JOIN blobs m ON m.sha256 = v.content_hash, json_each(CAST(m.bytes AS TEXT)) f WHERE v.id = ?`,
      versionId,
    ),
  )

export const CONTENT_ROWS: Row[] = [
  {
    n: 13,
    title: 'blob truncated, flipped, swapped, missing',
    run: async (crew, { times }) => {
      const { a, b, world } = crew
      const bucket = bareBucket(world.bucket)
      const app = await b.start()
      const harms = ['flip', 'truncate', 'cut', 'hang'] as const
      for (const kind of harms.slice(0, times(4, 2))) {
        let harmed = 0
        world.front.harm = request => (request.method === 'GET' && harmed++ < 2 ? { kind } : undefined)
        await crew.save(a)
        await eventually('harm was done', () => harmed > 1, 90_000)
        world.front.harm = undefined
      }
      const said: string[] = []
      for (const kind of (['flipped', 'truncated', 'swapped', 'missing'] as const).slice(0, times(4, 2))) {
        for (const one of [a, b]) await synced(await one.start(), world, 120_000)
        await b.stop()
        const saved = await crew.save(a)
        await synced(await a.start(), world)
        const file = filesOf(a.dataDir, saved.id)[0]?.sha256 ?? ''
        const got = await world.store.get(file)
        if (got.kind !== 'found') throw new Error(`the file is ${got.kind} before it was harmed`)
        const bytes = Buffer.from(got.bytes)
        if (kind === 'missing') await bucket.remove(file)
        else {
          bytes[10] = (bytes[10] ?? 0) ^ 1
          await bucket.putKey(
            blobKey(file),
            kind === 'truncated' ? bytes.subarray(0, 20) : kind === 'swapped' ? Buffer.from('x') : bytes,
          )
        }
        const other = await b.start()
        await eventually('the version came', async () =>
          (await other.api.versions.list({ skillId: crew.skillId })).some(version => version.id === saved.id),
        )
        await new Promise(resolve => setTimeout(resolve, 700))
        const shown = await other.api.files.read({ of: { kind: 'version', id: saved.id }, path: 'SKILL.md' }).then(
          () => 'shown',
          () => 'not shown',
        )
        if (shown === 'shown') throw new Error(`${kind} content was shown`)
        // Found out, and said: damage as what needs a look, absence in the log, for it may be on its way.
        await eventually(`${kind} content was found out`, async () => {
          const told = await other.api.sync.conflicts({ tenantId: world.tenantId })
          const log = await other.api.sync.log({ tenantId: world.tenantId })
          return kind === 'missing'
            ? log.some(line => line.text.includes(file.slice(0, 12)))
            : told.some(conflict => conflict.kind === 'damaged' && conflict.skillId === crew.skillId)
        })
        // Whoever has it puts it right when they check their library, at the next time where the network was in the way.
        let mended = 0
        for (let tries = 0; tries < 3 && (await world.store.get(file)).kind !== 'found'; tries++) {
          const steps = await (await a.start()).api.sync.scrub()
          for (;;) {
            const next = await steps.next()
            if (!next.done) continue
            mended += next.value.repaired
            break
          }
        }
        if ((await world.store.get(file)).kind !== 'found') throw new Error(`${kind} content was not mended`)
        said.push(`${kind}: ${mended} mended`)
        await other.api.sync.now({ tenantId: world.tenantId })
      }
      bucket.close()
      void app
      return `${said.join(', ')}; ${await crew.checkAll()}`
    },
  },
  {
    n: 14,
    title: 'row’s hash ≠ blob’s hash (malicious registry)',
    run: async crew => {
      const { a, b, world } = crew
      const saved = await crew.save(a)
      for (const one of [a, b]) await synced(await one.start(), world)
      const [was] = await world.sql<{ content_hash: string }>(
        'SELECT content_hash FROM whetstone.skill_versions WHERE id = $1',
        [saved.id],
      )
      const rewrite = async (hash: string) => {
        await world.sql('SET session_replication_role = replica')
        await world.sql('UPDATE whetstone.skill_versions SET content_hash = $2 WHERE id = $1', [saved.id, hash])
        await world.sql('SET session_replication_role = origin')
        await world.sql('UPDATE whetstone.tenant_heads SET epoch = gen_random_uuid()::text WHERE tenant_id = $1', [
          world.tenantId,
        ])
      }
      await rewrite('f'.repeat(64))
      const app = await b.start()
      // Its author is told as well as whoever reads it.
      for (const one of [await a.start(), app]) {
        await one.api.sync.now({ tenantId: world.tenantId })
        await eventually('it was reported', async () => {
          const conflicts = await one.api.sync.conflicts({ tenantId: world.tenantId })
          return conflicts.some(conflict => conflict.kind === 'rewritten')
        })
      }
      const reported = (await app.api.sync.conflicts({ tenantId: world.tenantId })).find(
        one => one.kind === 'rewritten',
      )
      const kept = withLibrary(b.dataDir, library =>
        library.get<{ content_hash: string }>('SELECT content_hash FROM skill_versions WHERE id = ?', saved.id),
      )
      if (kept.content_hash !== saved.contentHash) throw new Error('the rewritten version was believed')
      const text = await app.api.files.read({ of: { kind: 'version', id: saved.id }, path: 'SKILL.md' })
      if (text.kind !== 'text' || !text.text.includes(saved.message)) throw new Error('other text was shown')
      await rewrite(was?.content_hash ?? '')
      return `“${reported?.happened}”; ${await crew.checkAll()}`
    },
  },
]

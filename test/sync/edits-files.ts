import { putBlob, sha256 } from '../../electron/library/blobs.ts'
import { putCase } from '../../electron/library/cases.ts'
import type { BenchmarkCaseRecord } from '../../electron/library/schema.ts'
import type { Chance } from './chance.ts'
import type { App } from './client.ts'

/** Benchmark cases that bring files: few and alike, so that one file is in several cases, and comes and goes. */
const TEXTS = ['a,b\n1,2\n', 'a,b\n', '', 'name;date\n', '{"rows": []}\n']
const PATHS = ['in.csv', 'data/rows.json', 'empty.txt']

export function addCaseWithFiles(app: App, tenantId: string, skillId: string, chance: Chance): void {
  const now = app.clock()
  app.library.write(() =>
    putCase(
      app.library,
      {
        ...{ id: app.newId(), tenant_id: tenantId, skill_id: skillId, name: 'Reads files', prompt: 'Read them.' },
        ...{ expected_output: null, assertions: '[]', files: draw(app, chance), tags: '[]', weight: 1 },
        ...{ source_feedback_id: null, archived: 0, provenance: '{}', created_at: now, updated_at: now },
      },
      'insert',
    ),
  )
}

export function changeFiles(app: App, row: BenchmarkCaseRecord, chance: Chance): void {
  app.library.write(() => putCase(app.library, { ...row, files: draw(app, chance), updated_at: app.clock() }, 'update'))
}

/** Some files, whose bytes are here; and now and then one that never came with its case. */
function draw(app: App, chance: Chance): string {
  const files = PATHS.filter(() => chance.yes(0.6)).map(path => {
    const bytes = Buffer.from(`${chance.pick(TEXTS)}${chance.yes(0.5) ? '' : chance.int(0, 99)}`)
    const hash = sha256(bytes)
    putBlob(app.library, hash, bytes)
    return { path, sha256: hash, size: bytes.length }
  })
  return JSON.stringify(chance.yes(0.1) ? [...files, { path: 'not-here.csv', sha256: null, size: null }] : files)
}

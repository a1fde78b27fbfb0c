import path from 'node:path'
import { v7 } from 'uuid'
import { openLibrary } from '../../electron/library/open.ts'
import { enqueue } from '../../electron/library/outbox.ts'
import { pushRows } from '../../electron/registry/postgres.ts'
import type { Point } from '../../electron/sync/points.ts'
import { resources } from '../support/backend.ts'
import { type App, newSkill, synced } from './app.ts'
import { type Crew, orGone } from './crew.ts'
import { withLogin } from './logins.ts'
import { checkCursor, checkLibrary } from './oracle.ts'
import { eventually } from './row.ts'

/** Kill -9 of computer A at a named point, and what must be true of what it left behind. */

/** What brings A past some points: prepared while it runs, then done once it was started anew to be struck. */
export type Situation = (crew: Crew) => Promise<(app: App) => Promise<unknown>>

/**
 * Starts computer A so that it kills itself at the n-th time it passes a point, and holds what it left behind to what must
 * be true at every moment. Answers whether it died there.
 */
export async function haltOnce(crew: Crew, point: Point, nth: number, situation = authoring): Promise<boolean> {
  const { a, world } = crew
  const act = await situation(crew)
  await a.stop()
  const app = await a.start({ WHETSTONE_HALT_AT: `${point}:${nth}` })
  const died = app.gone.then(() => true)
  await act(app).catch(() => undefined)
  const there = await Promise.race([died, after(8_000).then(() => false)])
  if (there) crew.struck(point)
  else await a.kill()
  a.app = undefined
  checkLibrary(a.dataDir, world.tenantId, a.saved)
  await checkCursor(world, a)
  return there
}

/** Each of these so many times; then everything must have arrived, once. Throws where a point was never passed. */
export async function haltAtEach(
  crew: Crew,
  points: readonly Point[],
  times: number,
  situation?: Situation,
): Promise<string> {
  const missed: string[] = []
  for (const point of points) {
    let struck = 0
    for (let n = 1; n <= times; n++) {
      // Passed in every round; the others may be passed once only.
      const nth = /^pull:(before|after)/.test(point) ? n : 1
      if (await haltOnce(crew, point, nth, situation)) struck++
      else missed.push(`${point}:${nth}`)
    }
    if (struck === 0) throw new Error(`${point} was never passed`)
  }
  const said = await crew.checkAll()
  return missed.length === 0 ? said : `${said}; passed before it could strike: ${missed.join(' ')}`
}

/** Two skills, saved, rated and published, while B saves as well. */
const authoring: Situation = async crew => {
  const { a, b, world } = crew
  await crew.save(b)
  return async app => {
    const made = await orGone(app, newSkill(app, world.tenantId, `struck-${++skills}-${v7().slice(-6)}`))
    for (const skillId of [crew.skillId, made]) {
      if (skillId === undefined || a.app === undefined) return
      const saved = await orGone(app, crew.save(a, undefined, skillId))
      if (!saved) return
      const rating = 1 + (skills % 5)
      await orGone(app, app.api.ratings.rate({ versionId: saved.id, rating, comment: null, hoursSaved: 0 }))
      await orGone(app, publish(app, skillId, saved.id))
    }
    await orGone(app, app.api.sync.now({ tenantId: world.tenantId }))
    await crew.save(b)
  }
}
let skills = 0

async function publish(app: App, skillId: string, versionId: string): Promise<unknown> {
  const skill = await app.api.skills.get({ id: skillId })
  return await app.api.versions.publish({ skillId, versionId, expected: skill.published?.id ?? null })
}

/** Feedback that another program sent becomes a case, and is accepted with it. */
export const reviewing: Situation = async crew => {
  const { a, world } = crew
  const id = v7()
  await withLogin(crew, 'reporter', 'reader', async client => {
    const said = { feedback_type: 'bug_report', comment: `It skips the second page (${id}).`, source: 'mcp' }
    const row = { id, skill_id: crew.skillId, skill_version_id: null, ...said, example_input: 'Fill in the form.' }
    const pushed = await pushRows(client, 'feedback', [row])
    if (pushed.kind !== 'answered' || pushed.rows[0]?.state !== 'inserted') throw new Error(JSON.stringify(pushed))
  })
  const app = await a.start()
  await synced(app, world)
  await eventually('the feedback came', async () =>
    (await app.api.feedback.list({ skillId: crew.skillId })).some(row => row.id === id),
  )
  return async struck => {
    const made = orGone(struck, struck.api.cases.fromFeedback({ feedbackId: id }))
    if (await made) crew.accepted.push(id)
  }
}

/** A benchmark case that is everywhere is deleted, as a service would: the row and what is queued in one transaction. */
export const removing: Situation = async crew => {
  const { a, world } = crew
  const app = await a.start()
  const content = { name: 'To go', prompt: 'Fill in the form.', expectedOutput: null, assertions: [], files: [] }
  const row = await app.api.cases.add({ skillId: crew.skillId, content: { ...content, tags: [], weight: 1 } })
  await synced(app, world)
  await a.stop()
  const migrations = path.join(resources.migrations, 'sqlite')
  const opened = openLibrary({ dataDir: a.dataDir, migrations, now: Date.now })
  if ('problem' in opened) throw new Error(opened.problem.happened)
  const { library } = opened
  const what = { entity: 'benchmark_case', entityId: row.id, operation: 'delete' } as const
  library.write(() => {
    library.run('DELETE FROM benchmark_cases WHERE id = ?', row.id)
    enqueue(library, { tenantId: world.tenantId, skillId: crew.skillId, ...what, now: Date.now() })
  })
  library.close()
  crew.removed.push({ table: 'benchmark_cases', id: row.id })
  return async struck => await orGone(struck, struck.api.sync.now({ tenantId: world.tenantId }))
}

const after = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

import fs from 'node:fs'
import path from 'node:path'
import type { Point } from '../../electron/sync/points.ts'
import { type App, join, newSkill, save, startApp, synced } from './app.ts'
import { checkContent, checkDone, checkEqual, checkLibrary, checkStore, type Removed, type Saved } from './oracle.ts'
import type { Member, World } from './world.ts'

/** One author's computer: its library, started and killed as often as a row wants, and what it was told is saved. */
export type Computer = {
  readonly dataDir: string
  readonly member: Member
  readonly saved: Saved[]
  app: App | undefined
  /** Starts it, where it does not run. */
  start(env?: Record<string, string>): Promise<App>
  /** SIGKILL, from outside; counted. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Two computers of one team, and what must be true of them. */
export type Crew = {
  world: World
  a: Computer
  b: Computer
  /** A skill that is everywhere. */
  skillId: string
  kills: { app: number; points: Map<string, number> }
  /** Feedback that an author was told is accepted, and rows that were deleted. */
  accepted: string[]
  removed: Removed[]
  /** Counts a kill of the app at a named point. */
  struck(point: Point): void
  save(on: Computer, message?: string, skillId?: string): Promise<Saved>
  /** Everything arrived everywhere, equal, whole, once. Stops both apps, for their files are read. */
  checkAll(): Promise<string>
  end(): Promise<void>
}

let crews = 0
export async function gather(world: World): Promise<Crew> {
  const name = `crew${++crews}`
  const kills = { app: 0, points: new Map<string, number>() }
  const a = computer(world, await world.invite(`${name}-ben`), kills)
  const b = computer(world, await world.invite(`${name}-cleo`), kills)
  for (const one of [a, b]) await join(await one.start(), one.member.invite)
  const skillId = await newSkill(await a.start(), world.tenantId, `${name}-skill`)
  let messages = 0
  const crew: Crew = {
    world,
    a,
    b,
    skillId,
    kills,
    accepted: [],
    removed: [],
    struck: point => {
      kills.points.set(point, (kills.points.get(point) ?? 0) + 1)
      kills.app++
    },
    save: async (on, message = `${name} message ${++messages}`, ofSkill = skillId) => {
      const saved = { ...(await save(await on.start(), ofSkill, message)), skillId: ofSkill, message }
      on.saved.push(saved)
      return saved
    },
    checkAll: async () => {
      for (const one of [a, b, a, b]) await synced(await one.start(), world, 120_000)
      await Promise.all([a.stop(), b.stop()])
      const saved = [...a.saved, ...b.saved]
      for (const one of [a, b]) checkLibrary(one.dataDir, world.tenantId, saved)
      const rows = await checkEqual(world, [a.dataDir, b.dataDir], saved)
      await checkDone(world, crew)
      const blobs = checkContent(a.dataDir)
      checkContent(b.dataDir)
      await checkStore(world, a.dataDir)
      return `${saved.length} saved, ${rows} rows equal, ${blobs} blobs sound`
    },
    end: async () => {
      await Promise.all([a.stop(), b.stop()])
    },
  }
  await crew.save(a)
  for (const one of [a, b]) await synced(await one.start(), world)
  return crew
}

/** Its folder goes with the world's. */
export function computer(
  world: World,
  member: Member,
  kills: Crew['kills'],
  dataDir = fs.mkdtempSync(path.join(world.folder, 'app-')),
): Computer {
  const one: Computer = {
    dataDir,
    member,
    saved: [],
    app: undefined,
    start: async env => {
      if (one.app) return one.app
      const app = await startApp(dataDir, env ?? {}, world.program)
      one.app = app
      void app.gone.then(() => {
        if (one.app === app) one.app = undefined
      })
      return app
    },
    kill: async () => {
      const app = one.app
      if (!app) return
      await app.kill()
      one.app = undefined
      kills.app++
    },
    stop: async () => {
      const app = one.app
      one.app = undefined
      await app?.stop()
    },
  }
  return one
}

/** An answer that may never come, for its process may be killed first. */
export async function orGone<T>(app: App, work: Promise<T>): Promise<T | undefined> {
  return await Promise.race([work.catch(() => undefined), app.gone.then(() => undefined)])
}

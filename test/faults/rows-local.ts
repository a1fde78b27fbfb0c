import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type App, newSkill, problemOf, save, startApp, synced } from './app.ts'
import { computer } from './crew.ts'
import { checkContent, checkLibrary } from './oracle.ts'
import { type Row, Skipped } from './row.ts'

/** What happens to the file and the process on this computer. */

const after = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
const fileOf = (dataDir: string, suffix = ''): string => path.join(dataDir, `library.db${suffix}`)

/** Once the app came up and said what is wrong: rebuilds from the page, and answers its report. */
async function rebuild(app: App) {
  const steps = await app.api.system.rebuild()
  for (;;) {
    const next = await steps.next()
    if (next.done) return next.value
  }
}

type Break = { name: string; expected: RegExp; harm: (dataDir: string) => void }
const flipAt = (dataDir: string, part: number) => {
  const bytes = fs.readFileSync(fileOf(dataDir))
  const page = 1 + Math.floor((bytes.length / 4096 - 2) * part)
  bytes.fill(0xff, page * 4096, page * 4096 + 512)
  fs.writeFileSync(fileOf(dataDir), bytes)
}
const BREAKS: Break[] = [
  ...[0, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9].map(part => ({
    name: `page at ${part * 100}% flipped`,
    expected: /BROKEN/,
    harm: (dataDir: string) => flipAt(dataDir, part),
  })),
  ...[0, 3_000, 40_000, 0.5, 0.95].map(size => ({
    name: `cut off after ${size < 1 && size > 0 ? `${size * 100}%` : size}`,
    expected: /BROKEN/,
    harm: (dataDir: string) => {
      const length = fs.statSync(fileOf(dataDir)).size
      fs.truncateSync(fileOf(dataDir), size > 0 && size < 1 ? Math.floor(length * size) : size)
    },
  })),
  { name: 'the file deleted', expected: /BROKEN/, harm: dataDir => fs.rmSync(fileOf(dataDir)) },
]

export const LOCAL_ROWS: Row[] = [
  {
    n: 11,
    title: 'local disk full, read-only folder',
    run: async crew => {
      const folder = fs.mkdtempSync(path.join(crew.world.folder, 'small-'))
      const mount = (...args: string[]) => spawnSync('mount', args, { encoding: 'utf8' })
      const made = mount('-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder)
      if (made.status !== 0)
        throw new Skipped(`this host mounts no tmpfs (${(made.stderr || String(made.error)).trim()})`)
      try {
        const member = await crew.world.invite(`small-${Date.now()}`)
        const small = computer(crew.world, member, crew.kills, path.join(folder, 'data'))
        const app = await small.start()
        const tenantId = (await app.api.spaces.list())[0]?.tenantId ?? ''
        const skillId = await newSkill(app, tenantId, 'small')
        await crew.save(small, 'before it was full', skillId)
        fs.writeFileSync(path.join(folder, 'filler'), Buffer.alloc(Math.max(0, freeBytes(folder) - 300_000)))
        let refused: unknown
        for (let n = 0; n < 60 && refused === undefined; n++)
          await app.api.workingCopies
            .write({
              skillId,
              path: `more-${n}.md`,
              content: { kind: 'text', text: `${Math.random()} `.repeat(2_000) },
              expected: null,
            })
            .catch(error => {
              refused = error
            })
        const said = refused instanceof Error ? refused.message : 'nothing'
        if (!(refused instanceof Error) || !('code' in refused) || refused.code !== 'DISK')
          throw new Error(`a full disk was said to be: ${said}`)
        await small.kill()
        fs.rmSync(path.join(folder, 'filler'))
        checkLibrary(small.dataDir, crew.world.tenantId, small.saved)
        await small.start()
        await crew.save(small, 'after it was full', skillId)
        await small.stop()
        mount('-o', 'remount,ro', folder)
        const readOnly = await startApp(small.dataDir, {}, crew.world.program)
        const { library } = await readOnly.api.system.info()
        const problem = library.state === 'problem' ? library : undefined
        await readOnly.stop()
        mount('-o', 'remount,rw', folder)
        if (problem?.code !== 'UNWRITABLE' || !problem.happened || !problem.todo)
          throw new Error(`a read-only folder was said to be ${JSON.stringify(library)}`)
        checkLibrary(small.dataDir, crew.world.tenantId, small.saved)
        checkContent(small.dataDir)
        return `“${said}”; read-only: “${problem?.happened}”; both versions there`
      } finally {
        spawnSync('umount', ['-l', folder])
      }
    },
  },
  {
    n: 17,
    title: 'two processes on one library',
    run: async (crew, { times }) => {
      const { a, world } = crew
      const second = await (async () => {
        await a.start()
        return await startApp(a.dataDir, {}, world.program)
      })()
      const problem = await problemOf(second)
      if (problem === undefined) {
        const first = await a.start()
        const skills = [
          await newSkill(first, world.tenantId, `one-${Date.now()}`),
          await newSkill(second, world.tenantId, `two-${Date.now()}`),
        ]
        for (let n = 0; n < times(20, 4); n++)
          await Promise.all(
            [first, second].map(async (app, index) => {
              const skillId = skills[index] ?? ''
              const message = `two processes ${index} ${n} ${Math.random()}`
              a.saved.push({ ...(await save(app, skillId, message)), skillId, message })
            }),
          )
        await second.kill()
        crew.kills.app++
      } else await second.stop()
      return `${problem === undefined ? 'shared safely' : `the second says ${problem}`}; ${await crew.checkAll()}`
    },
  },
  {
    n: 18,
    title: 'pages flipped, file truncated, -wal deleted',
    run: async (crew, { full }) => {
      const { a, b, world } = crew
      let requeued = 0
      let salvaged = 0
      const breaks = full ? BREAKS : BREAKS.filter((_, n) => n % 6 === 3)
      for (const one of breaks) {
        await synced(await a.start(), world, 120_000)
        const personal =
          (await (await a.start()).api.spaces.list()).find(space => space.kind === 'personal')?.tenantId ?? ''
        await newSkill(await a.start(), personal, `only-here-${Date.now()}`)
        // Made while nothing can be sent: only the library and the journal have it.
        world.wire.refuse(true)
        world.wire.cutAll()
        await crew.save(a)
        await a.stop()
        one.harm(a.dataDir)
        const app = await a.start()
        const code = await problemOf(app)
        if (!one.expected.test(code ?? 'none')) throw new Error(`${one.name}: said to be ${code ?? 'sound'}`)
        const report = await rebuild(app)
        requeued += report.requeued
        salvaged += report.versions
        world.wire.refuse(false)
        await synced(app, world, 180_000)
        checkLibrary(a.dataDir, world.tenantId, a.saved)
        const aside = fs.readdirSync(a.dataDir).filter(name => name.startsWith('library-set-aside'))
        if (aside.length === 0 && fs.existsSync(fileOf(a.dataDir)) && one.name !== 'the file deleted')
          throw new Error(`${one.name}: the broken file was not kept`)
        for (const name of aside) fs.rmSync(path.join(a.dataDir, name))
      }
      // The log deleted after a kill: what it held was acknowledged.
      await synced(await a.start(), world)
      await a.stop()
      await a.start()
      world.wire.refuse(true)
      world.wire.cutAll()
      for (let n = 0; n < 3; n++) await crew.save(a)
      // What is vouched for a moment later is what a deleted log is noticed by.
      await after(1_000)
      await a.kill()
      fs.rmSync(fileOf(a.dataDir, '-wal'), { force: true })
      fs.rmSync(fileOf(a.dataDir, '-shm'), { force: true })
      const app = await a.start()
      const code = await problemOf(app)
      if (code !== 'OLDER') throw new Error(`a deleted -wal was said to be ${code ?? 'sound'}`)
      const report = await rebuild(app)
      world.wire.refuse(false)
      await synced(app, world, 180_000)
      await synced(await b.start(), world)
      if (requeued + report.requeued === 0) throw new Error('nothing came back from the journal')
      return `${breaks.length + 1} times broken, noticed, rebuilt; ${salvaged} versions read from broken files, ${requeued + report.requeued} unsent changes from the journal; ${await crew.checkAll()}`
    },
  },
]

const freeBytes = (folder: string): number => {
  const { bavail, bsize } = fs.statfsSync(folder)
  return bavail * bsize
}

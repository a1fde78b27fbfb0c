/**
 * How long heavy files hold the backend: each of 5 MB, through every call that reads one. Figures are the longest turn of the backend's
 * event loop in ms of the processor: while it lasts nobody else is answered. Baseline: a SKILL.md of usual size in the same run.
 * `WHETSTONE_HEAVY=pattern node test/bench/run.ts hostile-backend` for a few of them.
 */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { zipSync } from 'fflate'
import { temporaryFolder } from '../support/backend.ts'
import { gitMissing, initRepository, writeCommits } from '../support/git-repository.ts'
import { heavyBundles } from '../support/heavy-bundles.ts'
import { edited, type HeavyFile, heavyFiles, usualFile } from '../support/heavy-files.ts'
import { type WatchedBackend, watchedBackend } from './watched-backend.ts'

const GOAL_MS = 100

type Print = (line: string) => void
type Measure = (step: string, work: () => Promise<unknown>) => Promise<void>

export async function benchHostileBackend(print: Print): Promise<void> {
  const only = new RegExp(process.env.WHETSTONE_HEAVY ?? '')
  const files = [usualFile, ...heavyFiles()].filter(({ name }) => only.test(name))
  const bundles = heavyBundles().filter(({ name }) => only.test(name))
  print(`Longest turn of the backend in ms of the processor (goal ${GOAL_MS}); steps over it, or the longest one`)
  const worst = new Map<string, number>()
  for (const file of files)
    await row(print, worst, file.name, (watched, measure) => measureFile(watched, measure, file))
  for (const { name, run } of bundles) await row(print, worst, name, run)
  print('')
  for (const [step, ms] of [...worst].sort((a, b) => b[1] - a[1]))
    print(`${step.padEnd(34)} ${ms.toFixed(0).padStart(7)}`)
}

export type MeasureIn = (watched: WatchedBackend, measure: Measure, folder: string) => Promise<void>

async function row(print: Print, worst: Map<string, number>, name: string, run: MeasureIn): Promise<void> {
  const folder = temporaryFolder()
  mkdirSync(folder, { recursive: true })
  const watched = await watchedBackend(path.join(folder, 'data'))
  const figures: [string, number][] = []
  const measure: Measure = async (step, work) => {
    await watched.longestTurn()
    let said = ''
    try {
      await work()
    } catch (error) {
      said = ` (${error instanceof Error ? error.message : String(error)})`
    }
    const ms = await watched.longestTurn()
    figures.push([step + said, ms])
    worst.set(step, Math.max(worst.get(step) ?? 0, ms))
  }
  try {
    await run(watched, measure, folder)
  } finally {
    await watched.close()
    rmSync(folder, { recursive: true, force: true })
  }
  figures.sort((a, b) => b[1] - a[1])
  const over = figures.filter(([, ms], at) => at === 0 || ms > GOAL_MS)
  print(`${name.padEnd(34)} ${over.map(([step, ms]) => `${step} ${ms.toFixed(0)}`).join(', ')}`)
}

async function measureFile(watched: WatchedBackend, measure: Measure, { text }: HeavyFile): Promise<void> {
  const { api } = watched
  const tenantId = (await api.spaces.list())[0]?.tenantId ?? ''
  const { id: skillId } = await api.skills.create({ tenantId, slug: 'heavy' })
  let expected = (await api.workingCopies.get({ skillId })).files[0]?.sha256 ?? null
  const write = async (content: string) => {
    const written = await api.workingCopies.write({
      skillId,
      path: 'SKILL.md',
      content: { kind: 'text', text: content },
      expected,
    })
    expected = written.sha256
  }
  const versions: string[] = []
  const save = async (message: string) => versions.push((await api.versions.save({ skillId, message })).id)
  await measure('write', () => write(text))
  await measure('working copy', () => api.workingCopies.get({ skillId }))
  await measure('compare working', () =>
    api.compare.get({ left: { kind: 'working', skillId }, right: { kind: 'working', skillId } }),
  )
  await measure('save', () => save('One'))
  await measure('index', () => watched.settled())
  await measure('write again', () => write(edited(text)))
  await measure('save again', () => save('Two'))
  await measure('index again', () => watched.settled())
  const [one = '', two = ''] = versions
  const of = { kind: 'version', id: two } as const
  await measure('search', () => api.skills.list({ tenantId, query: 'a' }))
  await measure('skill', () => api.skills.get({ id: skillId }))
  await measure('version', () => api.versions.get({ id: two }))
  await measure('series', () => api.versions.series({ skillId }))
  await measure('count old', () => watched.settled())
  await measure('read', () => api.files.read({ of, path: 'SKILL.md' }))
  await measure('bytes', () => api.files.bytes({ of, path: 'SKILL.md' }))
  await measure('compare', () => api.compare.get({ left: { kind: 'version', id: one }, right: of }))
  await measure('evidence', () => api.compare.evidence({ left: { kind: 'version', id: one }, right: of }))
  await measure('blame', () => api.versions.blame({ id: two, path: 'SKILL.md' }))
  await measure('merge', () => api.merges.prepare({ leftId: two, rightId: one }))
  await measure('save merge', () =>
    api.merges.save({
      leftId: two,
      rightId: one,
      message: 'Three',
      files: [{ path: 'SKILL.md', executable: false, content: { kind: 'text', text: edited(text, 5) } }],
    }),
  )
  await measure('publish', () => api.versions.publish({ skillId, versionId: two, expected: null }))
  await measure('restore', () => api.versions.restore({ id: one }))
  await measure('discard', () => api.workingCopies.discard({ skillId }))
  await watched.settled()
  const out = temporaryFolder()
  try {
    await measure('export folder', () => api.exports.toFolder({ of, parent: out }))
    await measure('export archive', () => api.exports.toArchive({ of }))
    await measureImports(watched, measure, { tenantId, skillId, text, out })
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

type Importing = { tenantId: string; skillId: string; text: string; out: string }

async function measureImports({ api, settled }: WatchedBackend, measure: Measure, one: Importing): Promise<void> {
  const { tenantId, skillId, text, out } = one
  const bring = async (source: Parameters<typeof api.imports.run>[0]['source']) => {
    const steps = await api.imports.run({ tenantId, source })
    while (!(await steps.next()).done);
  }
  const folder = path.join(out, 'in', 'brought')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'SKILL.md'), `${text}\nBrought.`)
  await measure('import folder', () => bring({ kind: 'folder', path: folder }))
  await measure('import folder: index', () => settled())
  await measure('compare folder', () =>
    api.compare.get({ left: { kind: 'folder', path: folder }, right: { kind: 'folder', path: folder } }),
  )
  const zip = zipSync({ 'packed/SKILL.md': new TextEncoder().encode(`${text}\nPacked.`) })
  const base64 = Buffer.from(zip).toString('base64')
  await measure('import archive', () => bring({ kind: 'archive', name: 'x.zip', base64 }))
  await settled()
  if (gitMissing === undefined) {
    const repository = path.join(out, 'repository')
    initRepository(repository)
    await writeCommits(
      repository,
      ['', '!', '?'].map(mark => ({ message: 'm', changes: [{ write: 'SKILL.md', bytes: `${text}\n${mark}` }] })),
    )
    await measure('import git', () => bring({ kind: 'git', path: repository }))
    await settled()
  }
  for (const name of ['cases.yaml', 'evals.json', 'cases.csv'])
    await measure(`cases ${name.slice(-4)}`, () =>
      api.cases
        .import({ skillId, source: { kind: 'bytes', name, base64: Buffer.from(text).toString('base64') } })
        .catch(() => {}),
    )
  await measure('results', () =>
    api.results
      .import({
        skillId,
        source: { kind: 'bytes', name: 'benchmark.json', base64: Buffer.from(text).toString('base64') },
      })
      .catch(() => {}),
  )
}

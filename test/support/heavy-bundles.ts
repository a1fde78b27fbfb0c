import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { zipSync } from 'fflate'
import type { MeasureIn } from '../bench/hostile-backend.ts'
import { initRepository, writeCommits } from './git-repository.ts'

/**
 * What is heavy by its number rather than its text: many files, links, skills, entries, versions, cases or results.
 */
type HeavyBundle = { name: string; run: MeasureIn }

const SKILL = '---\nname: x\ndescription: y\n---\n'
const list = <T>(count: number, one: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => one(n))
const fill = (unit: string, size: number): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size)

type Api = Parameters<MeasureIn>[0]['api']
const personal = async (api: Api): Promise<string> => (await api.spaces.list())[0]?.tenantId ?? ''

async function bring(api: Api, source: Parameters<Api['imports']['run']>[0]['source']): Promise<void> {
  const steps = await api.imports.run({ tenantId: await personal(api), source })
  while (!(await steps.next()).done);
}

const put = (folder: string, files: Record<string, string>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
}

/** A skill's folder, imported, looked at and changed, with everything that reads all its files. */
const folderOf =
  (files: () => Record<string, string>, then: () => Record<string, string>): MeasureIn =>
  async ({ api, settled }, measure, folder) => {
    const source = path.join(folder, 'skill')
    put(source, files())
    await measure('import folder', () => bring(api, { kind: 'folder', path: source }))
    await measure('index', () => settled())
    const row = (await api.skills.list({ tenantId: await personal(api) })).rows[0]
    const skillId = row?.id ?? ''
    const one = row?.newest?.id ?? ''
    await measure('write', async () => {
      const content = { kind: 'text', text: 'A note.' } as const
      await api.workingCopies.write({ skillId, path: 'note.md', content, expected: null })
    })
    await measure('save', () => api.versions.save({ skillId, message: 'm' }))
    await settled()
    const other = path.join(folder, 'other')
    put(other, then())
    const left = { kind: 'version', id: one } as const
    await measure('compare folder', () => api.compare.get({ left, right: { kind: 'folder', path: other } }))
    await measure('compare', () => api.compare.get({ left, right: { kind: 'working', skillId } }))
    await measure('export folder', () => api.exports.toFolder({ of: left, parent: path.join(folder, 'out') }))
    await measure('export archive', () => api.exports.toArchive({ of: left }))
  }

const cases =
  (kind: 'cases' | 'results', name: string, text: () => string): MeasureIn =>
  async ({ api }, measure) => {
    const { id: skillId } = await api.skills.create({ tenantId: await personal(api), slug: 'heavy' })
    const source = { kind: 'bytes', name, base64: Buffer.from(text()).toString('base64') } as const
    await measure(`${kind}: look`, () => api[kind].import({ skillId, source, look: true }))
    await measure(`${kind}: import`, () => api[kind].import({ skillId, source }))
    await measure(`${kind}: again`, () => api[kind].import({ skillId, source }))
    await measure('cases: list', () => api.cases.list({ skillId, archived: true }))
    await measure('cases: export', () => api.cases.export({ skillId, form: 'csv' }))
    const runs = await api.measurements.runs({ skillId })
    const ids = Array.isArray(runs) ? runs.map(run => run.id).slice(0, 50) : []
    if (ids.length > 0) {
      await measure('results: report', () => api.results.report({ runIds: ids, form: 'junit' }))
    }
    const { cases: made } = await api.cases.list({ skillId, archived: false })
    if (made.length > 0)
      await measure('cases: archive', () => api.cases.archive({ ids: made.map(one => one.id), archived: true }))
  }

const archiveOf =
  (files: () => Record<string, string>): MeasureIn =>
  async ({ api, settled }, measure) => {
    const packed = zipSync(
      Object.fromEntries(Object.entries(files()).map(([name, text]) => [name, new TextEncoder().encode(text)])),
      { level: 1 },
    )
    const base64 = Buffer.from(packed).toString('base64')
    await measure('import archive', () => bring(api, { kind: 'archive', name: 'x.zip', base64 }))
    await measure('import archive again', () => bring(api, { kind: 'archive', name: 'x.zip', base64 }))
    await measure('index', () => settled())
    const tenantId = await personal(api)
    await measure('list', () => api.skills.list({ tenantId, limit: 500 }))
    await measure('search', () => api.skills.list({ tenantId, query: 'x' }))
  }

export const heavyBundles = (): HeavyBundle[] => [
  {
    name: '2,000 files × 150,000 links',
    run: folderOf(
      () => ({
        'SKILL.md': SKILL + list(150_000, n => `[a](F/${n}.MD)`).join('\n'),
        ...Object.fromEntries(list(1_990, n => [`f/g/h/${n} (x).md`, `${n}`])),
      }),
      () => ({ 'SKILL.md': SKILL }),
    ),
  },
  {
    name: '40 files of 1 MB',
    run: folderOf(
      () => ({
        'SKILL.md': SKILL,
        ...Object.fromEntries(list(40, n => [`${n}.md`, fill(`a${n} b\n`, 1_000_000)])),
      }),
      () => ({
        'SKILL.md': SKILL,
        ...Object.fromEntries(list(40, n => [`other/${n}.md`, fill(`a${n + 1} b\n`, 1_000_000)])),
      }),
    ),
  },
  {
    name: '20 renamed files of 500 kB',
    run: folderOf(
      () => ({
        'SKILL.md': SKILL,
        ...Object.fromEntries(list(20, n => [`a/${n}.txt`, list(60_000, k => `${(k * 7 + n) % 991}`).join('\n')])),
      }),
      () => ({
        'SKILL.md': SKILL,
        ...Object.fromEntries(list(20, n => [`b/${n}.txt`, list(60_000, k => `${(k * 5 + n) % 997}`).join('\n')])),
      }),
    ),
  },
  {
    name: 'archive of 20,000 skills',
    run: archiveOf(() => Object.fromEntries(list(20_000, n => [`s${n}/SKILL.md`, SKILL + n]))),
  },
  {
    name: 'archive of one skill 20,000 times',
    run: archiveOf(() => Object.fromEntries(list(20_000, n => [`${n}/same/SKILL.md`, SKILL + n]))),
  },
  {
    name: 'archive of 49,000 files',
    run: archiveOf(() => ({
      'a/SKILL.md': SKILL,
      ...Object.fromEntries(list(49_000, n => [`a/${n}.md`, ''])),
    })),
  },
  {
    name: 'history of 60 × 5 MB',
    run: async ({ api, settled }, measure, folder) => {
      const repository = path.join(folder, 'repository')
      initRepository(repository)
      const changes = (n: number) => [
        {
          write: 's/SKILL.md',
          bytes:
            SKILL +
            list(400_000, k => (k % 61 === n ? `line ${n} ${k}` : `line ${k}`))
              .join('\n')
              .slice(0, 5_000_000),
        },
      ]
      await writeCommits(
        repository,
        list(60, n => ({ message: `${n}`, changes: changes(n) })),
      )
      await measure('import git', () => bring(api, { kind: 'git', path: repository }))
      await measure('index', () => settled())
      const row = (await api.skills.list({ tenantId: await personal(api) })).rows[0]
      await measure('blame', () => api.versions.blame({ id: row?.newest?.id ?? '', path: 'SKILL.md' }))
      await measure('series', () => api.versions.series({ skillId: row?.id ?? '' }))
      await measure('count old', () => settled())
    },
  },
  {
    name: 'history of 10,000 commits',
    run: async ({ api, settled }, measure, folder) => {
      const repository = path.join(folder, 'repository')
      initRepository(repository)
      await writeCommits(
        repository,
        list(10_000, n => ({ message: `${n}`, changes: [{ write: 's/SKILL.md', bytes: `${SKILL}${n}` }] })),
      )
      await measure('import git', () => bring(api, { kind: 'git', path: repository }))
      await measure('import git again', () => bring(api, { kind: 'git', path: repository }))
      await measure('index', () => settled())
      const row = (await api.skills.list({ tenantId: await personal(api) })).rows[0]
      const skillId = row?.id ?? ''
      await measure('versions', () => api.versions.list({ skillId }))
      await measure('blame', () => api.versions.blame({ id: row?.newest?.id ?? '', path: 'SKILL.md' }))
      await measure('series', () => api.versions.series({ skillId }))
      await measure('count old', () => settled())
    },
  },
  {
    name: '2,000 cases with 20,000 demands',
    run: cases('cases', 'evals.json', () =>
      JSON.stringify(list(2_000, n => ({ id: n, prompt: `Say ${n}`, expectations: list(10, k => `is ${k}`) }))),
    ),
  },
  {
    name: '2,000 cases of 2 kB',
    run: cases('cases', 'evals.json', () =>
      JSON.stringify(list(2_000, n => ({ id: n, prompt: fill(`Say ${n} `, 2_000), expectations: ['is kind'] }))),
    ),
  },
  {
    name: '20,000 results',
    run: cases('results', 'benchmark.json', () =>
      JSON.stringify({
        runs: list(20_000, n => ({
          eval_id: n % 2_000,
          configuration: `c${n % 50}`,
          run_number: n,
          result: { passed: 1, total: 1, pass_rate: 1 },
        })),
      }),
    ),
  },
]

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { temporaryFolder, testBackend } from '../support/backend.ts'
import { gitMissing, initRepository, writeHistories } from '../support/git-repository.ts'
import { generateSkillHistories, readSkillHistories } from '../support/skill-histories.ts'
import { median, timeOf } from './figures.ts'

const RUNS = 5

/** Import of a whole history as a ratio to what git alone needs to say the same: `git log` + `git cat-file --batch`. */
export async function benchImport(print: (line: string) => void): Promise<void> {
  if (gitMissing !== undefined) return print(`import: skipped, ${gitMissing}`)
  const real = readSkillHistories('claude-plugins')
  const histories = real ?? generateSkillHistories({ chains: 400, versions: 8 })
  const folder = temporaryFolder()
  try {
    const repository = path.join(folder, 'repository')
    initRepository(repository)
    await writeHistories(repository, histories)
    const versions = histories.reduce((sum, history) => sum + history.versions.length, 0)
    print(
      `import of ${real ? 'the claude-plugins history' : 'a generated history'}: ${histories.length} skills, ${versions} versions`,
    )
    const rows: { git: number; stored: number; found: number }[] = []
    for (let run = 0; run < RUNS; run++) rows.push(await measure(repository))
    const git = median(rows.map(row => row.git))
    const stored = median(rows.map(row => row.stored))
    const found = median(rows.map(row => row.found))
    print(`  git log + cat-file      ${git.toFixed(0)} ms`)
    print(`  import, all stored      ${stored.toFixed(0)} ms   ${(stored / git).toFixed(2)}× git (goal ≤ 3)`)
    print(`  … searchable, counted   ${found.toFixed(0)} ms   ${(found / git).toFixed(2)}× git, in the background`)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(repository: string) {
  const git = timeOf(() => plainGit(repository))
  await using test = await testBackend()
  const start = performance.now()
  const run = await test.api.imports.run({ tenantId: test.tenantId, source: { kind: 'git', path: repository } })
  while (!(await run.next()).done);
  const stored = performance.now() - start
  await test.backend.settled()
  return { git, stored, found: performance.now() - start }
}

/** What any importer must do at least: the log of all changes, and every blob it names, read into memory. */
function plainGit(repository: string): void {
  const log = spawnSync(
    'git',
    ['-C', repository, 'log', '--raw', '--no-abbrev', '-M', '--root', '--reverse', '--topo-order'],
    {
      maxBuffer: 1 << 30,
    },
  )
  const blobs = new Set<string>()
  for (const line of log.stdout.toString('utf8').split('\n')) {
    const hash = /^:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) /.exec(line)?.[1]
    if (hash !== undefined && !/^0+$/.test(hash)) blobs.add(hash)
  }
  spawnSync('git', ['-C', repository, 'cat-file', '--batch'], { input: [...blobs].join('\n'), maxBuffer: 1 << 30 })
}

if (import.meta.filename === process.argv[1]) await benchImport(console.log)

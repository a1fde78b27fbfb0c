import { cpus } from 'node:os'

/**
 * `npm run bench [name …]`: every figure beside a baseline of the same run, for this machine may be busy. No part of
 * `npm test`.
 */
const BENCHES: Record<string, () => Promise<(print: (line: string) => void) => Promise<void>>> = {
  import: async () => (await import('./import.ts')).benchImport,
  search: async () => (await import('./search.ts')).benchSearch,
  save: async () => (await import('./save.ts')).benchSave,
  diff: async () => (await import('./diff.ts')).benchDiff,
  blobs: async () => (await import('./blobs.ts')).benchBlobs,
  scrub: async () => (await import('./scrub.ts')).benchScrub,
  'hostile-backend': async () => (await import('./hostile-backend.ts')).benchHostileBackend,
  'hostile-page': async () => (await import('./hostile-page.ts')).benchHostilePage,
  charts: async () => (await import('./charts.ts')).benchCharts,
  benchmark: async () => (await import('./benchmark.ts')).benchRuns,
  registry: async () => (await import('./registry.ts')).benchRegistry,
  sync: async () => (await import('./sync.ts')).benchSync,
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter(name => !(name in BENCHES))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}.`)
  process.exitCode = 2
} else {
  console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}\n`)
  for (const [name, load] of Object.entries(BENCHES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    await (await load())(line => console.log(line))
    console.log()
  }
}

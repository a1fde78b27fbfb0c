import path from 'node:path'
import { build } from 'vite'
import { projectDir } from './backend.ts'

/**
 * A script as the app is shipped, bundled: run from source, Node keeps the compiler of types in memory too. Answers the
 * file, which may be run from there: beside it the app finds what it finds in its own folder.
 */
export async function built(source: string, into: string): Promise<string> {
  const outDir = path.join(projectDir, 'out', into)
  const output = { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' }
  await build({
    configFile: false,
    root: projectDir,
    logLevel: 'error',
    build: { ssr: source, outDir, emptyOutDir: true, rollupOptions: { output } },
  })
  return path.join(outDir, `${path.basename(source, '.ts')}.mjs`)
}

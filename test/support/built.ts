import path from 'node:path'
import { build } from 'vite'
import { projectDir } from './backend.ts'

/**
 * Programs as the app is shipped, bundled: run from source, Node keeps the compiler of types in memory too, and an edit
 * reaches whatever is started next. Answers the first one's file; the others lie beside it, as in out/main.
 */
export async function built(sources: readonly [string, ...string[]], into: string): Promise<string> {
  const outDir = path.join(projectDir, 'out', into)
  const output = { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' }
  await build({
    configFile: false,
    root: projectDir,
    logLevel: 'error',
    build: { ssr: true, outDir, emptyOutDir: true, rollupOptions: { input: [...sources], output } },
  })
  return path.join(outDir, `${path.basename(sources[0], '.ts')}.js`)
}

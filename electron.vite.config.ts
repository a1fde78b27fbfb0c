import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'
import { NONCE_MARK } from './electron/policy.ts'

const root = import.meta.dirname

/** electron-vite builds for addresses relative to the page; ours has deep addresses, so its files are named from the root. */
const fromTheRoot: Plugin = { name: 'base', enforce: 'post', config: () => ({ base: '/' }) }

/** Elements are made by our own runtime of JSX, which writes out hidden characters; it alone has React's. */
const safeText: Plugin = {
  name: 'safe-text',
  enforce: 'pre',
  resolveId(source, importer) {
    const runtime = /^react\/(jsx-runtime|jsx-dev-runtime)$/.exec(source)?.[1]
    if (runtime === undefined || importer?.startsWith(resolve(root, 'renderer/ui/jsx-'))) return null
    return resolve(root, `renderer/ui/${runtime}.ts`)
  },
}

/** Every process of ours, by the name of its file in out/main. */
const entries = Object.fromEntries(
  ['main', 'entry/utility', 'entry/child', 'entry/browser', 'entry/cli', 'entry/scrub', 'entry/reader']
    .map(name => [name.replace('entry/', ''), resolve(root, `electron/${name}.ts`)] as const)
    .filter(([, file]) => existsSync(file)),
)

/** An Electron as old as 33 still runs main and preload: Node 20.18. */
const OLDEST_NODE = 'node20.18'

const DEVELOPMENT_PORT = 5173

export default defineConfig({
  main: {
    plugins: [],
    build: {
      target: OLDEST_NODE,
      sourcemap: true,
      externalizeDeps: true,
      rolldownOptions: {
        input: entries,
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      target: OLDEST_NODE,
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: resolve(root, 'electron/preload.ts') },
        // A sandboxed preload is one CommonJS file.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(root, 'renderer'),
    plugins: [safeText, react(), fromTheRoot],
    html: { cspNonce: NONCE_MARK },
    // While developing, the page keeps its own origin and main fetches its files from here; only the hot reload connects.
    server: {
      host: '127.0.0.1',
      port: DEVELOPMENT_PORT,
      strictPort: true,
      hmr: { protocol: 'ws', host: '127.0.0.1', clientPort: DEVELOPMENT_PORT },
    },
    worker: { format: 'es' },
    build: {
      // Whatever browser the host is opened in, too.
      target: 'es2022',
      sourcemap: true,
      minify: true,
      outDir: resolve(root, 'out/renderer'),
      emptyOutDir: true,
      rolldownOptions: { input: { index: resolve(root, 'renderer/index.html') } },
    },
  },
})

import { join } from 'node:path'
import { startVite } from '../browser/development.ts'
import { serve } from '../browser/serve.ts'
import { projectRoot } from '../project.ts'

/** `dev [--data DIR] [--port N] [--no-open]`: as `browser`, straight from the sources, the page hot-reloaded by Vite. */
const root = projectRoot(import.meta.url)
await serve({
  child: join(root, 'electron', 'entry', 'child.ts'),
  root,
  argv: process.argv.slice(2),
  development: await startVite(root),
})

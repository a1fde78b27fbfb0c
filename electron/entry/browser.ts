import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serve } from '../browser/serve.ts'
import { projectRoot } from '../project.ts'

/** `browser [--data DIR] [--port N] [--no-open]`: the app for a browser on this machine. */
const here = fileURLToPath(import.meta.url)
await serve({
  child: join(here, '..', `child${extname(here)}`),
  root: projectRoot(import.meta.url),
  argv: process.argv.slice(2),
})

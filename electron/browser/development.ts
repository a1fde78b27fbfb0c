import { readFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { createServer } from 'vite'
import { pageHeaders } from '../policy.ts'
import type { Development } from './host.ts'

/**
 * The page from its sources, hot-reloaded, behind the host's own checks: Vite listens on no port of its own, it is
 * handed the requests and the one WebSocket that were let in.
 */
export async function startVite(root: string): Promise<Development & { close: () => Promise<void> }> {
  const upgrades = createHttpServer()
  const vite = await createServer({
    root: join(root, 'renderer'),
    configFile: false,
    appType: 'custom',
    plugins: [react()],
    worker: { format: 'es' },
    server: { middlewareMode: true, hmr: { server: upgrades } },
  })
  return {
    request: (request, response, { nonce, connect }) => {
      if (request.headers['sec-fetch-dest'] !== 'document') {
        return vite.middlewares(request, response, () => response.writeHead(404).end())
      }
      const file = join(root, 'renderer', 'index.html')
      readFile(file, 'utf8')
        .then(html => vite.transformIndexHtml(request.url ?? '/', html))
        .then(html => response.writeHead(200, pageHeaders({ nonce, connect, development: true })).end(html))
        .catch((error: Error) => response.writeHead(500).end(error.message))
    },
    upgrade: (request, socket, head) => {
      upgrades.emit('upgrade', request, socket, head)
    },
    close: () => vite.close(),
  }
}

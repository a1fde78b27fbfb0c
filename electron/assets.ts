import { readdir, readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { assetHeaders, NONCE_MARK, pageHeaders } from './policy.ts'

/**
 * The built page, served by Electron's scheme and by the browser host alike. Only files that were there when it was
 * opened are served, looked up by name in a list: no path that a request makes up ever reaches the file system.
 */
export type Assets = {
  /** @param pathname as it stands in the address: percent-encoded, beginning with a slash. */
  answer(pathname: string, page: { nonce: string; connect?: readonly string[] }): Promise<Answer>
}
export type Answer = { status: number; headers: Record<string, string>; body: Buffer | string }

export type Asked = { kind: 'file'; path: string } | { kind: 'page' } | { kind: 'missing' } | { kind: 'refused' }

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** Vite puts what it builds here, named by content. */
const BUILT = '/assets/'

/** What a path asks for. An address of the app is the page itself, which reads the address: a reload finds its place. */
export function resolveAsset(files: ReadonlySet<string>, pathname: string): Asked {
  let path: string
  try {
    path = decodeURIComponent(pathname)
  } catch {
    return { kind: 'refused' }
  }
  const strange = !path.startsWith('/') || /[\0\\]/.test(path) || path.split('/').some(part => /^\.\.?$/.test(part))
  if (strange) return { kind: 'refused' }
  if (path === '/index.html') return { kind: 'page' }
  if (files.has(path)) return { kind: 'file', path }
  return path.startsWith(BUILT) ? { kind: 'missing' } : { kind: 'page' }
}

/** @param folder of the built page: index.html and what belongs to it. */
export async function openAssets(folder: string): Promise<Assets> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = new Map<string, string>()
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const full = join(entry.parentPath, entry.name)
    files.set(`/${full.slice(folder.length + 1).replaceAll(sep, '/')}`, full)
  }
  const names = new Set(files.keys())
  const page = await readFile(join(folder, 'index.html'), 'utf8')

  return {
    answer: async (pathname, options) => {
      const asked = resolveAsset(names, pathname)
      switch (asked.kind) {
        case 'page':
          return {
            status: 200,
            headers: pageHeaders(options),
            body: page.replaceAll(NONCE_MARK, options.nonce),
          }
        case 'file': {
          const type = TYPES[extname(asked.path)] ?? 'application/octet-stream'
          return {
            status: 200,
            headers: assetHeaders(type, asked.path.startsWith(BUILT)),
            body: await readFile(files.get(asked.path) ?? ''),
          }
        }
        case 'missing':
          return plain(404, 'There is no such file.')
        case 'refused':
          return plain(400, 'That is no address of this app.')
        default:
          return asked satisfies never
      }
    },
  }
}

export function plain(status: number, sentence: string): Answer {
  return { status, headers: assetHeaders('text/plain; charset=utf-8', false), body: `${sentence}\n` }
}

import { randomBytes } from 'node:crypto'
import { net, protocol, type Session } from 'electron'
import { type Answer, type Assets, plain } from './assets.ts'
import { APP_HOST, APP_SCHEME } from './origin.ts'
import { pageHeaders } from './policy.ts'

/**
 * The page has an origin of its own, app://whetstone, instead of file: with its many exceptions. To be called before
 * Electron is ready.
 */
export function allowScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

/** @param developmentUrl Vite's server while developing: the page keeps its origin and its policy, its files come from there. */
export function serveScheme(on: Session, assets: Assets | undefined, developmentUrl: string | undefined): void {
  on.protocol.handle(APP_SCHEME, async request => {
    const url = new URL(request.url)
    if (url.host !== APP_HOST || (request.method !== 'GET' && request.method !== 'HEAD')) {
      return toResponse(plain(403, 'That is not served here.'))
    }
    const nonce = randomBytes(16).toString('base64')
    if (developmentUrl !== undefined) return develop(request, url, developmentUrl, nonce)
    if (assets === undefined) return toResponse(plain(404, 'The app is not built.'))
    return toResponse(await assets.answer(url.pathname, { nonce }))
  })
}

const toResponse = ({ status, headers, body }: Answer): Response =>
  new Response(typeof body === 'string' ? body : new Uint8Array(body), { status, headers })

async function develop(request: Request, url: URL, developmentUrl: string, nonce: string): Promise<Response> {
  const page = request.headers.get('accept')?.includes('text/html') ?? false
  const answer = await net.fetch(new URL(page ? '/' : url.pathname + url.search, developmentUrl).href, {
    bypassCustomProtocolHandlers: true,
  })
  if (!page) return answer
  const sockets = developmentUrl.replace(/^http/, 'ws')
  const headers = pageHeaders({ nonce, development: true, connect: [sockets, developmentUrl] })
  return new Response(await answer.text(), { status: answer.status, headers })
}

/**
 * What a page of ours may do, said once for both ways of serving it: Electron's own scheme and the browser host.
 */

/** Stands in index.html where each answer puts a fresh nonce. */
export const NONCE_MARK = '__WHETSTONE_NONCE__'

export type PolicyOptions = {
  /** Unguessable, new for every page served. */
  nonce: string
  /** Where the page may connect besides its own origin, such as the browser host's WebSocket. */
  connect?: readonly string[]
  /** Vite's hot reload needs an inline script and inline styles. Never in what is built. */
  development?: boolean
}

/**
 * Nothing, and then by name. Scripts come from files of ours only: no inline script, no eval. Styles come from files,
 * or from style elements that carry the nonce (Mantine and CodeMirror make such elements as they run). A frame made by
 * `srcdoc` inherits all of this, so the preview of a skill reaches no network either.
 */
export function contentSecurityPolicy({ nonce, connect = [], development = false }: PolicyOptions): string {
  return [
    "default-src 'none'",
    `script-src 'self'${development ? " 'unsafe-inline'" : ''}`,
    `style-src 'self' ${development ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "worker-src 'self'",
    "frame-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** What a browser could be asked for; the page asks for nothing but writing to the clipboard. */
const NOT_WANTED = [
  'accelerometer',
  'bluetooth',
  'camera',
  'clipboard-read',
  'display-capture',
  'geolocation',
  'gyroscope',
  'hid',
  'idle-detection',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'storage-access',
  'usb',
  'window-management',
  'xr-spatial-tracking',
]

/** Headers of everything we serve. */
const ALWAYS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': NOT_WANTED.map(name => `${name}=()`).join(', '),
} as const

export function pageHeaders(options: PolicyOptions): Record<string, string> {
  return {
    ...ALWAYS,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(options),
    'cache-control': 'no-store',
  }
}

/** @param hashed whether the file's name changes with its content, as Vite names what it builds. */
export function assetHeaders(contentType: string, hashed: boolean): Record<string, string> {
  return {
    ...ALWAYS,
    'content-type': contentType,
    // A script run as a worker is governed by its own headers.
    'content-security-policy': "default-src 'none'; script-src 'self'; connect-src 'self'",
    'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
  }
}

/**
 * An address that may be given to the system's browser: https, a host, and nobody's name or password in it. Undefined
 * for all else (file:, javascript:, smb:, mailto:, what is no address), for the system would start programs with it.
 */
export function externalAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  const fine = url.protocol === 'https:' && url.hostname !== '' && url.username === '' && url.password === ''
  return fine ? url.href : undefined
}

/**
 * Whether a path may be shown in the file manager: absolute and on this machine. On Windows a share's path is refused,
 * for looking at it would log on to its host.
 */
export function isLocalPath(path: string, platform: NodeJS.Platform): boolean {
  if (path.includes('\0')) return false
  return platform === 'win32' ? /^[A-Za-z]:[\\/]/.test(path) : path.startsWith('/')
}

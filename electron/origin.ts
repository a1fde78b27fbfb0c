/** The page's own origin in Electron. */
export const APP_SCHEME = 'app'
export const APP_HOST = 'whetstone'
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`

/** Whether an address is the page's own. Compared part by part: `app://whetstone.evil/` begins alike and is not. */
export function isOurs(address: string): boolean {
  if (!URL.canParse(address)) return false
  const url = new URL(address)
  // `origin` of a scheme that Node's URL does not know is 'null', so it says nothing here.
  return url.protocol === `${APP_SCHEME}:` && url.host === APP_HOST && url.username === '' && url.password === ''
}

/** What the page's session may load: its own files, what it made itself, and the developer's tools. */
export function mayLoad(address: string, developmentUrl: string | undefined): boolean {
  if (isOurs(address)) return true
  if (!URL.canParse(address)) return false
  const { protocol, host } = new URL(address)
  if (protocol === 'data:' || protocol === 'blob:' || protocol === 'devtools:') return true
  return developmentUrl !== undefined && host === new URL(developmentUrl).host
}

import { findChromium } from './chromium.ts'

/** Finds the browser once for all workers, which read it from the environment. */
export default async function setup(): Promise<void> {
  const found = await findChromium(`${import.meta.dirname}/../../..`)
  if ('missing' in found) process.env.WHETSTONE_E2E_NO_CHROMIUM = found.missing
  else process.env.WHETSTONE_E2E_CHROMIUM = JSON.stringify(found)
}

import { desktop } from '../api.ts'

/** Puts text on the clipboard: by the desktop, where pages may not, or by the browser itself. False where neither could. */
export async function copyText(text: string): Promise<boolean> {
  try {
    if ((await desktop.copyText({ text })).copied) return true
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

import { desktop } from '../api.ts'

/**
 * Puts text on the clipboard after a click: by the desktop, where pages may not; by the browser itself; and where the
 * browser asks for a permission that it does not get, by the old way, which a click alone allows. False where none could.
 */
export async function copyText(text: string): Promise<boolean> {
  try {
    if ((await desktop.copyText({ text })).copied) return true
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelection(text)
  }
}

function copySelection(text: string): boolean {
  const focused = document.activeElement
  const area = document.createElement('textarea')
  area.value = text
  area.style.position = 'fixed'
  area.style.opacity = '0'
  document.body.append(area)
  area.select()
  const copied = document.execCommand('copy')
  area.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return copied
}

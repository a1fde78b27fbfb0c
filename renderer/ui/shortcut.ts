import { getHotkeyHandler, useHotkeys } from '@mantine/hooks'

const isMac = (): boolean => /Mac|iP(hone|ad)/.test(globalThis.navigator?.platform ?? '')

type Options = {
  /** Also while a person types in a field or an editor; for shortcuts with a modifier. */
  inText?: boolean
  enabled?: boolean
}

/** Calls `run` on a shortcut such as 'mod+K' (Cmd on a Mac, Ctrl elsewhere), for as long as the component is shown. */
export function useShortcut(keys: string, run: () => void, { inText = false, enabled = true }: Options = {}): void {
  useHotkeys(
    enabled ? [[keys, run, { preventDefault: true }]] : [],
    inText ? [] : ['INPUT', 'TEXTAREA', 'SELECT'],
    inText,
  )
}

/** How a shortcut is written for a person: 'mod+shift+K' → '⇧⌘K' on a Mac, 'Ctrl Shift K' elsewhere. */
export function sayShortcut(keys: string, mac: boolean = isMac()): string {
  const parts = keys.split('+').map(part => part.trim().toLowerCase())
  const names = mac ? MAC : OTHER
  const order = mac ? ['alt', 'shift', 'mod'] : ['mod', 'alt', 'shift']
  const modifiers = order.filter(part => parts.includes(part))
  const keysLeft = parts.filter(part => !order.includes(part))
  return [...modifiers, ...keysLeft].map(part => names[part] ?? capital(part)).join(mac ? '' : ' ')
}

const ARROWS = { arrowup: '↑', arrowdown: '↓', arrowleft: '←', arrowright: '→', escape: 'Esc' }
const MAC: Record<string, string> = { ...ARROWS, mod: '⌘', shift: '⇧', alt: '⌥', enter: '↩' }
const OTHER: Record<string, string> = { ...ARROWS, mod: 'Ctrl', shift: 'Shift', alt: 'Alt', enter: 'Enter' }
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** For `onKeyDown` of one element: `onKeyDown={onKeys([['mod+Enter', save]])}`. */
export const onKeys = getHotkeyHandler

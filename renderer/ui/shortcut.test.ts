import { expect, test } from 'vitest'
import { sayShortcut } from './shortcut.ts'

test.each([
  ['mod+K', '⌘K', 'Ctrl K'],
  ['mod+shift+K', '⇧⌘K', 'Ctrl Shift K'],
  ['alt+ArrowLeft', '⌥←', 'Alt ←'],
  ['mod+,', '⌘,', 'Ctrl ,'],
])('%s is written %s on a Mac and %s elsewhere', (keys, mac, other) => {
  expect([sayShortcut(keys, true), sayShortcut(keys, false)]).toEqual([mac, other])
})

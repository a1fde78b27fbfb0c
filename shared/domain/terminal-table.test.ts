import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { terminalTable } from './terminal-table.ts'

test('columns stand below each other by the cells that a terminal gives each character', () => {
  const rows = [
    ['NAME', 'VERSION', 'SAID'],
    ['写作助手', 'v1', 'x'],
    ['cafe\u0301', 'v2', ''],
    ['pdf', 'v3', 'a\u001b[31mb'],
  ]
  const lines = terminalTable(rows)
  const columns = lines.map(line => stringWidth(line.slice(0, line.search(/VERSION|v\d/))))
  expect(new Set(columns)).toEqual(new Set([10]))
  expect(lines[2]).toBe('cafe\u0301      v2')
  // No control character reaches the terminal.
  expect(lines.join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
})

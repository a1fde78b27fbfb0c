import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { POINTS } from '../../electron/sync/points.ts'

/** `npm run faults` fails where a point was never struck; that a row means to strike it is seen at once. */
test('every named point is one that a row of the fault matrix kills at', () => {
  const rows = fs
    .readdirSync(import.meta.dirname)
    .filter(name => name.startsWith('rows-'))
    .map(name => fs.readFileSync(path.join(import.meta.dirname, name), 'utf8'))
    .join('\n')
  expect(POINTS.filter(point => !rows.includes(`'${point}'`))).toEqual([])
})

test('every named point is passed by the code', () => {
  const folder = path.resolve(import.meta.dirname, '../../electron/sync')
  const sources = fs
    .readdirSync(folder)
    .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'points.ts')
    .map(name => fs.readFileSync(path.join(folder, name), 'utf8'))
    .join('\n')
  expect(POINTS.filter(point => !sources.includes(`'${point}'`))).toEqual([])
})

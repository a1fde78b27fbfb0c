import type { Library } from './library.ts'
import { writeSetting } from './settings.ts'

/** When a team's registry was last asked all of its rules, and what did not hold; JSON, whose shape is the contract's. */
export type Examination = { at: number; schemaVersion: number | null; broken: unknown }

const keyOf = (tenantId: string): string => `sync.examined.${tenantId}`

export function findExamination(library: Library, tenantId: string): Examination | undefined {
  const row = library.find<{ value: string }>('SELECT value FROM settings WHERE key = ?', keyOf(tenantId))
  const kept: unknown = row && JSON.parse(row.value)
  if (typeof kept !== 'object' || kept === null || !('at' in kept) || typeof kept.at !== 'number') return undefined
  const schemaVersion = 'schemaVersion' in kept && typeof kept.schemaVersion === 'number' ? kept.schemaVersion : null
  return { at: kept.at, schemaVersion, broken: 'broken' in kept ? kept.broken : [] }
}

export const putExamination = (library: Library, tenantId: string, examination: Examination): void =>
  writeSetting(library, keyOf(tenantId), examination)

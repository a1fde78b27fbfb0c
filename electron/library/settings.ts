import type { Library } from './library.ts'

export const readSettings = (library: Library): Record<string, unknown> =>
  Object.fromEntries(
    library
      .all<{ key: string; value: string }>('SELECT key, value FROM settings')
      .map(row => [row.key, JSON.parse(row.value)]),
  )

export function writeSetting(library: Library, key: string, value: unknown): void {
  library.run(
    'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    JSON.stringify(value),
  )
}

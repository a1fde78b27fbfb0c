import type { Library } from './library.ts'

/** `fields`: JSON of the command as the contract has it. */
export type CommandRecord = { id: string; name: string; fields: string; created_at: number }

export const listCommands = (library: Library): CommandRecord[] =>
  library.all<CommandRecord>('SELECT * FROM agent_commands ORDER BY name COLLATE NOCASE')

export const findCommand = (library: Library, id: string): CommandRecord | undefined =>
  library.find<CommandRecord>('SELECT * FROM agent_commands WHERE id = ?', id)

export const findCommandByName = (library: Library, name: string): CommandRecord | undefined =>
  library.find<CommandRecord>('SELECT * FROM agent_commands WHERE name = ? COLLATE NOCASE', name)

export const putCommand = (library: Library, row: CommandRecord): number =>
  library.run(
    `INSERT INTO agent_commands (id, name, fields, created_at) VALUES (@id, @name, @fields, @created_at)
     ON CONFLICT (id) DO UPDATE SET name = @name, fields = @fields`,
    row,
  )

export const deleteCommand = (library: Library, id: string): number =>
  library.run('DELETE FROM agent_commands WHERE id = ?', id)

export const hasConsent = (library: Library, textHash: string): boolean =>
  library.find('SELECT 1 FROM command_consents WHERE text_hash = ?', textHash) !== undefined

export const putConsent = (library: Library, textHash: string, text: string, now: number): number =>
  library.run(
    'INSERT OR IGNORE INTO command_consents (text_hash, text, created_at) VALUES (?, ?, ?)',
    textHash,
    text,
    now,
  )

import { expect, test } from 'vitest'
import { migrateRegistry } from '../../electron/registry/migrate.ts'
import { noPostgres } from '../support/postgres.ts'
import { AttackField } from './attack-field.ts'
import { migrations } from './registry.ts'

test.skipIf(noPostgres !== undefined)(
  `a reader’s open transaction neither keeps the registry from being updated nor stalls the other teams${noPostgres ? `: ${noPostgres}` : ''}`,
  async () => {
    const field = await AttackField.open()
    try {
      const reader = await field.db.as(field.b.reader)
      const ended = new Promise<void>(resolve => reader.once('end', () => resolve()))
      await reader.query('SET idle_in_transaction_session_timeout = 0; BEGIN; SELECT * FROM whetstone.skills')
      const owner = await field.db.owner()
      const sql = 'SET LOCAL ROLE whetstone_owner; ALTER TABLE whetstone.skills ADD COLUMN later integer; RESET ROLE'
      const later = { id: 9990, name: '9990_later.sql', sql, hash: '9'.repeat(64) }
      const updated = migrateRegistry(owner, [...migrations, later], 1)
      await field.syncOfA()
      expect(await updated).toMatchObject({ kind: 'ready', applied: ['9990_later.sql'] })
      await ended
      await field.syncOfA()
    } finally {
      await field.close()
    }
  },
)

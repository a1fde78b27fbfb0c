import type { ClientBase } from 'pg'

/** The roles a provisioning login acts as; see migrations/postgres/0010. */
export type ActingRole = 'whetstone_provisioner' | 'whetstone_reaper' | 'whetstone_owner'

/** One transaction: committed when the work is done, undone when it throws. `role` acts as another for its length. */
export async function inTransaction<T>(client: ClientBase, work: () => Promise<T>, role?: ActingRole): Promise<T> {
  await client.query('BEGIN')
  try {
    if (role) await client.query(`SET LOCAL ROLE ${role}`)
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

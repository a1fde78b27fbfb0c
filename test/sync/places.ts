import path from 'node:path'

/** Apart from test/support/backend.ts, which loads the whole backend with it. */
const projectDir = path.resolve(import.meta.dirname, '../..')
export const SQLITE_MIGRATIONS = path.join(projectDir, 'migrations', 'sqlite')
export const POSTGRES_MIGRATIONS = path.join(projectDir, 'migrations', 'postgres')

import { homedir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { v7 } from 'uuid'
import { defaultDataDir, projectRoot } from '../project.ts'
import { runDemo } from '../registry/demo.ts'
import { provisionDemo } from '../registry/demo-provision.ts'
import { readMigrations } from '../registry/migrate.ts'
import { appVersion } from './options.ts'

/**
 * `npm run registry -- VERB …`: makes and keeps a team's registry. Answers go to standard output, progress and remarks to
 * standard error.
 */
const root = projectRoot(import.meta.url)
const remark = (line: string) => console.error(line)
// A reader that closes the pipe early (head) is no reason to stop a registry.
process.stdout.on('error', () => {})

const program = new Command('registry')
  .description('A team’s registry: the database and the storage through which a team shares its skills.')
  .version(appVersion(root))
  .showSuggestionAfterError()

program
  .command('demo')
  .description('run a whole registry on this computer, without an account, and print an invite to it; Ctrl-C stops it')
  .option('--data <folder>', 'where it keeps its data (default: beside the app’s own)')
  .action(async (options: { data?: string }) => {
    const dataDir = options.data ?? join(defaultDataDir(process.platform, process.env, homedir()), 'demo-registry')
    const migrations = readMigrations(join(root, 'migrations', 'postgres'))
    const provision = provisionDemo({ migrations, clock: Date.now, newId: v7 })
    process.exitCode = await runDemo({ dataDir, provision, print: line => console.log(line), remark })
  })

await program.parseAsync()

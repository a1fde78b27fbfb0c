import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import pg from 'pg'
import { v7 } from 'uuid'
import { visible } from '../../shared/domain/visible.ts'
import { defaultDataDir, projectRoot } from '../project.ts'
import { connectionOf } from '../registry/connection.ts'
import { type Desk, EXIT, type Exit } from '../registry/desk.ts'
import { reasonOf } from '../registry/errors.ts'
import type { StorageSettings } from '../registry/invite.ts'
import { Refused, type StorageKey } from '../registry/keep.ts'
import { MEMBER_ROLES } from '../registry/members.ts'
import { readMigrations } from '../registry/migrate.ts'
import { slugOf } from '../registry/provision.ts'
import { appVersion } from './options.ts'

/**
 * `npm run registry -- VERB …`: makes and keeps a team's registry. Answers go to standard output, progress and remarks to
 * standard error. Exit codes: see EXIT.
 */
const root = projectRoot(import.meta.url)
const remark = (line: string) => console.error(visible(line))
const print = (line: string) => console.log(visible(line))
// A reader that closes the pipe early (head) is no reason to stop a registry.
process.stdout.on('error', () => {})

const program = new Command('registry')
  .description('A team’s registry: the database and the storage through which a team shares its skills.')
  .version(appVersion(root))
  .configureOutput({ writeErr: text => process.stderr.write(visible(text)) })
  .showSuggestionAfterError()
  .addOption(
    new Option(
      '--database <url>',
      'the owner’s connection string, postgres://login:password@host/database; best in the environment, where other users cannot read it',
    ).env('WHETSTONE_REGISTRY'),
  )
  .addOption(
    new Option('--ca <file>', 'certificate authority of the database’s certificate, as PEM').env(
      'WHETSTONE_REGISTRY_CA',
    ),
  )
  .option('--team <slug>', 'which team, where the registry holds several')
  .option('--r2 <endpoint>', 'the storage: address of R2, or of another S3-compatible service')
  .option('--bucket <name>', 'its bucket, one for each team')
  .addOption(new Option('--key-id <id>', 'its key').env('WHETSTONE_R2_KEY_ID'))
  .addOption(
    new Option('--key-secret <secret>', 'and the key’s secret; best in the environment').env('WHETSTONE_R2_SECRET'),
  )
  .addOption(
    new Option('--reader-key-id <id>', 'a key that only reads, for readers’ invites').env('WHETSTONE_R2_READER_KEY_ID'),
  )
  .addOption(new Option('--reader-key-secret <secret>', 'and its secret').env('WHETSTONE_R2_READER_SECRET'))
  .addOption(
    new Option('--writer-key-id <id>', 'a key that does not delete, for authors’ and admins’ invites').env(
      'WHETSTONE_R2_WRITER_KEY_ID',
    ),
  )
  .addOption(new Option('--writer-key-secret <secret>', 'and its secret').env('WHETSTONE_R2_WRITER_SECRET'))
  .option('--blobs <folder>', 'or a shared folder instead of a bucket')
  .option('--json', 'answer as JSON on standard output')
  .option('--quiet', 'no progress or remarks on standard error')
  .addHelpText(
    'after',
    '\nExit codes: 0 done · 1 done, with findings · 2 not done · 3 the registry could not be reached',
  )

program
  .command('init')
  .description(
    'make a registry in a Postgres you own, its team and the first admin, whose invite is printed; again: update it',
  )
  .requiredOption('--team-name <name>', 'what the team is called')
  .option('--team-slug <slug>', 'its short name (default: from the name)')
  .requiredOption('--admin <name>', 'who administers it first')
  .option('--email <address>', 'their address')
  .action((given: { teamName: string; teamSlug?: string; admin: string; email?: string }) =>
    run((verbs, desk) =>
      verbs.init(
        desk,
        { name: given.teamName, slug: given.teamSlug ?? slugOf(given.teamName) },
        { name: given.admin, email: given.email ?? null },
      ),
    ),
  )

program
  .command('migrate')
  .description('bring a registry up to date with this version; rows that break a rule which it did not have are named')
  .action(() => run((verbs, desk) => verbs.migrate(desk)))

program
  .command('invite [name]')
  .description('make a login for a member and print one invite to paste into the app: good once')
  .option('--email <address>', 'their address')
  .addOption(new Option('--role <role>', 'what they may do').choices(MEMBER_ROLES).default('author'))
  .option('--user <who>', 'one more login for somebody who is here (id, address or name), instead of a new member')
  .option('--days <n>', 'how long the invite is good', wholeDays, 7)
  .action(
    (
      name: string | undefined,
      given: { email?: string; role: (typeof MEMBER_ROLES)[number]; user?: string; days: number },
    ) =>
      run((verbs, desk) => {
        if ((name === undefined) === (given.user === undefined))
          throw new Refused('Say either a new member’s name or --user, not both.')
        return verbs.invite(desk, {
          name: name ?? '',
          email: given.email ?? null,
          role: given.role,
          days: given.days,
          user: given.user,
        })
      }),
  )

const member = program.command('member').description('who is in the team')
member
  .command('list')
  .description('everybody, with role and state')
  .action(() => run((verbs, desk) => verbs.memberList(desk)))
member
  .command('role <who> <role>')
  .description('change what somebody may do (reader, author or admin)')
  .action((who: string, role: string) =>
    run((verbs, desk) => {
      const wanted = MEMBER_ROLES.find(one => one === role)
      if (!wanted) throw new Refused(`There is no role ${role}. There are: ${MEMBER_ROLES.join(', ')}.`)
      return verbs.memberRole(desk, who, wanted)
    }),
  )
member
  .command('remove <who>')
  .description('take somebody’s access away at once, or an invite back; what they made stays')
  .action((who: string) => run((verbs, desk) => verbs.memberRemove(desk, who)))

program
  .command('rotate [who]')
  .description('new passwords, and the storage’s key as it is given now, in new invites: for one member, or --all')
  .option('--all', 'for everybody')
  .option('--days <n>', 'how long the invites are good', wholeDays, 7)
  .action((who: string | undefined, given: { all?: boolean; days: number }) =>
    run((verbs, desk) => {
      if ((who === undefined) !== (given.all === true)) throw new Refused('Say either a member or --all.')
      return verbs.rotate(desk, who, given.days)
    }),
  )

program
  .command('doctor')
  .description('hold the live registry against every rule; each that is broken with what mends it')
  .action(() => run((verbs, desk) => verbs.doctor(desk)))
program
  .command('garbage')
  .description('what lies in the storage that no version names, and what is missing there; nothing is deleted')
  .action(() => run((verbs, desk) => verbs.garbage(desk)))
program
  .command('approval [on|off]')
  .description(
    'whether only versions that somebody else has approved are published; the database holds everybody to it',
  )
  .action((wanted?: string) =>
    run((verbs, desk) => {
      if (wanted !== undefined && wanted !== 'on' && wanted !== 'off') throw new Refused('Say on or off, or nothing.')
      return verbs.approval(desk, wanted === undefined ? undefined : wanted === 'on')
    }),
  )
program
  .command('log')
  .description('who moved which published pointer when, newest first')
  .option('--limit <n>', 'at most so many', Number, 100)
  .action((given: { limit: number }) =>
    run((verbs, desk) => {
      if (!Number.isInteger(given.limit) || given.limit < 1) throw new Refused('--limit wants a number from 1.')
      return verbs.publishLog(desk, given.limit)
    }),
  )
program
  .command('export <folder>')
  .description('write the team with all content to an empty folder')
  .action((folder: string) => run((verbs, desk) => verbs.exportTo(desk, folder)))
program
  .command('restore <folder>')
  .description('put an exported team into an empty registry')
  .action((folder: string) => run((verbs, desk) => verbs.restoreFrom(desk, folder)))

program
  .command('demo')
  .description('run a whole registry on this computer, without an account, and print an invite to it; Ctrl-C stops it')
  .option('--data <folder>', 'where it keeps its data (default: beside the app’s own)')
  .action(async (options: { data?: string }) => {
    const dataDir = options.data ?? join(defaultDataDir(process.platform, process.env, homedir()), 'demo-registry')
    const migrations = readMigrations(join(root, 'migrations', 'postgres'))
    const { runDemo } = await import('../registry/demo.ts')
    const { provisionDemo } = await import('../registry/demo-provision.ts')
    const provision = provisionDemo({ migrations, clock: Date.now, newId: v7 })
    process.exitCode = await runDemo({ dataDir, provision, print, remark })
  })

type Globals = {
  database?: string
  ca?: string
  team?: string
  r2?: string
  bucket?: string
  keyId?: string
  keySecret?: string
  readerKeyId?: string
  readerKeySecret?: string
  writerKeyId?: string
  writerKeySecret?: string
  blobs?: string
  json?: boolean
  quiet?: boolean
}

type Verbs = typeof import('../registry/verbs.ts')

/** Connects as the owner, does the work, disconnects; what went wrong is one sentence. */
async function run(work: (verbs: Verbs, desk: Desk) => Promise<Exit>): Promise<void> {
  const given = program.opts<Globals>()
  process.exitCode = await exitOf(given, work).catch(error => {
    const expected = error instanceof Refused
    remark(expected ? error.message : `Something went wrong: ${reasonOf(error)}`)
    return EXIT.failed
  })
}

async function exitOf(given: Globals, work: (verbs: Verbs, desk: Desk) => Promise<Exit>): Promise<Exit> {
  if (given.database === undefined) throw new Refused('Which database? Set WHETSTONE_REGISTRY, or give --database.')
  const ca = given.ca === undefined ? undefined : readFileSync(given.ca, 'utf8')
  const connection = connectionOf(given.database, { ca })
  if (connection.kind === 'refused') throw new Refused(connection.reason)
  const storage = storageOf(given)
  const client = new pg.Client(connection.config)
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    remark(`${connection.host} did not let us in: ${reasonOf(error)}`)
    return EXIT.unreachable
  }
  try {
    // What it takes to look at a bucket is large, and a wrong connection string should not wait for it.
    return await work(await import('../registry/verbs.ts'), {
      client,
      url: given.database,
      ca,
      storage,
      keys: {
        reader: keyOf('reader', given.readerKeyId, given.readerKeySecret),
        writer: keyOf('writer', given.writerKeyId, given.writerKeySecret),
      },
      migrations: readMigrations(join(root, 'migrations', 'postgres')),
      now: Date.now,
      newId: v7,
      team: given.team,
      json: given.json === true,
      print,
      remark: given.quiet === true ? () => {} : remark,
    })
  } finally {
    await client.end()
  }
}

function keyOf(of: string, accessKeyId?: string, secretAccessKey?: string): StorageKey | undefined {
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new Refused(`A ${of}’s key needs both --${of}-key-id and WHETSTONE_R2_${of.toUpperCase()}_SECRET.`)
  return { accessKeyId, secretAccessKey }
}

function storageOf(given: Globals): StorageSettings | null {
  if (given.blobs !== undefined) return { kind: 'folder', path: given.blobs }
  if (given.r2 === undefined) return null
  const { r2: endpoint, bucket, keyId: accessKeyId, keySecret: secretAccessKey } = given
  if (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined)
    throw new Refused('A bucket needs --bucket, WHETSTONE_R2_KEY_ID and WHETSTONE_R2_SECRET.')
  return { kind: 'r2', endpoint, bucket, accessKeyId, secretAccessKey }
}

function wholeDays(text: string): number {
  const days = Number(text)
  if (!Number.isInteger(days) || days < 1 || days > 90) throw new InvalidArgumentError('1 to 90.')
  return days
}

await program.parseAsync()

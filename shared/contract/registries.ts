import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract, id, instant } from './base.ts'
import { finding } from './sync.ts'

/** Said to a person in three parts, as every error is. */
export const registryProblem = z.object({
  code: z.enum([
    'address', // the connection string cannot be used as it is
    'unreachable', // no way to the host, or nothing listens there
    'tls', // no encryption, or a certificate that is not trusted
    'password', // the login or its password is wrong
    'database', // there is no such database
    'rights', // this login may not do that
    'unsuited', // this server cannot carry a registry
    'newer', // the registry was made by a newer app
    'occupied', // another program's database, or a team that is there already
    'storage', // the bucket or folder refused
    'busy', // somebody else is at it, or the server is starting
    'gone', // the member or team is not there any more
    'locked', // the keychain does not give the owner's login out
    'unknown', // the owner's login is needed: it was not kept
    'broken', // the connection was lost in the middle
    'stopped', // by the reader
    'refused', // any other reason, in words
  ]),
  happened: z.string(),
  /** Empty where `happened` says it. */
  kept: z.string(),
  todo: z.string(),
})
export type RegistryProblem = z.infer<typeof registryProblem>

const bucketKey = z.object({
  accessKeyId: z.string().min(1).max(500),
  secretAccessKey: z.string().min(1).max(500),
})
export const registryStorage = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('r2'),
    endpoint: z.url().max(500),
    bucket: z.string().min(1).max(200),
    ...bucketKey.shape,
  }),
  z.object({ kind: z.literal('folder'), path: z.string().min(1).max(4096) }),
])
/** What the owner of a database gives. It goes into the keychain or stays in the backend's memory; it never comes back. */
export const registryAccess = z.object({
  /** postgres://login:password@host/database */
  database: z.string().min(1).max(4_000),
  /** PEM of an own certificate authority. */
  ca: z.string().max(100_000).optional(),
  storage: registryStorage.nullable(),
})
export type RegistryAccess = z.infer<typeof registryAccess>

/** A team that this computer administers. */
export const registry = z.object({
  id,
  tenantId: id,
  team: z.string(),
  host: z.string(),
  database: z.string(),
  /** 'bucket skills at host', 'folder /mnt/skills'; null where none was given. */
  storage: z.string().nullable(),
  /** Where the owner's login is: `session` until the app closes; `needed`: it must be given again. */
  login: z.enum(['keychain', 'file', 'session', 'needed']),
  /** The demo registry on this computer. */
  demo: z.boolean(),
})
export type Registry = z.infer<typeof registry>

export const registryMember = z.object({
  userId: id,
  name: z.string(),
  email: z.string().nullable(),
  role: z.enum(['reader', 'author', 'admin']),
  state: z.enum(['active', 'invited', 'expired', 'removed']),
  /** Until when an invite can be used; null where it was, or where there is none. */
  expiresAt: instant.nullable(),
})
export type RegistryMember = z.infer<typeof registryMember>
const role = registryMember.shape.role

/** The invite is a secret until it is used: the page shows and copies it, and keeps it nowhere. */
export const invited = z.object({ userId: id, name: z.string(), role, expiresAt: instant, invite: z.string() })
export type Invited = z.infer<typeof invited>

export const registryTeam = z.object({ tenantId: id, name: z.string(), slug: z.string(), members: z.int() })

/** What a connection found, before anything is changed. */
export const registryLook = z.object({
  host: z.string(),
  database: z.string(),
  /** '16.4'. */
  server: z.string(),
  /**
   * `empty`: nothing in it. `others`: tables of another program and no registry. `registry`: one of this version.
   * `older`: one that `init` brings up to date. `newer`, `rewritten`: not to be touched by this app.
   */
  holds: z.enum(['empty', 'others', 'registry', 'older', 'newer', 'rewritten']),
  /** Tables of another program, at most ten. */
  others: z.array(z.string()),
  teams: z.array(registryTeam),
  /** Why this login or server cannot carry a registry; null where it can. */
  unsuited: z.string().nullable(),
  /** How the storage was found; nothing fails where it can be used. */
  storage: z.array(finding),
})
export type RegistryLook = z.infer<typeof registryLook>

export const demoStatus = z.object({
  state: z.enum(['off', 'starting', 'running', 'stopping']),
  /** While it starts: what it is at. */
  steps: z.array(z.object({ step: z.enum(['database', 'storage', 'registry', 'ready']), message: z.string() })),
  /** Why it is off, where that was not asked for. */
  problem: z.string().nullable(),
  /** For the next one to join; null while it does not run. */
  invite: z.string().nullable(),
  /** Its entry among the registries, while it runs. */
  registryId: id.nullable(),
  tenantId: id.nullable(),
  /** A library of its team is on this computer. */
  joined: z.boolean(),
  folder: z.string(),
  /** Something is kept from an earlier run. */
  kept: z.boolean(),
})
export type DemoStatus = z.infer<typeof demoStatus>

const ofRegistry = z.object({ id })
const ofMember = z.object({ id, userId: id })
const days = z.int().min(1).max(90)
const ticket = z.string().min(1).max(64)
const moved = z.object({ what: z.string(), done: z.int() })

/** Every method that reaches a registry may fail with this. */
const reaching = contract.errors({ REGISTRY: { message: 'The registry did not do that.', data: registryProblem } })

export const registries = {
  list: contract.output(z.array(registry)),
  /** Changes nothing, but for one small blob in a bucket that is tried. */
  look: reaching.input(registryAccess).output(registryLook),
  /**
   * Makes the registry where it is not there, the team, and its first admin's invite. `besideOthers`: also in a database
   * that holds another program's tables, which other logins cannot reach any more afterwards.
   */
  init: reaching
    .input(
      z.object({
        access: registryAccess,
        team: z.string().trim().min(1).max(200),
        admin: z.object({ name: z.string().trim().min(1).max(200), email: z.string().max(320).nullable() }),
        remember: z.boolean(),
        besideOthers: z.boolean(),
      }),
    )
    .output(
      eventIterator(
        z.object({ step: z.enum(['connecting', 'storage', 'schema', 'rules', 'invite']) }),
        z.object({
          registry,
          invited,
          findings: z.array(finding),
          /** Rows of other teams there that broke a rule which the registry has now, and what was done; sentences. */
          mended: z.array(z.string()),
          remains: z.array(z.string()),
        }),
      ),
    ),
  /** Administers a team that is there from this computer too, or gives the owner's login again; changes nothing there. */
  open: reaching.input(z.object({ access: registryAccess, tenantId: id, remember: z.boolean() })).output(registry),
  /** Takes it off the list and out of the keychain. The registry itself stays as it is. */
  forget: contract.input(ofRegistry).output(z.object({})),

  members: reaching
    .input(ofRegistry)
    .output(z.object({ members: z.array(registryMember), publishNeedsApproval: z.boolean() })),
  /** A login for a new member. */
  invite: reaching
    .input(
      z.object({
        id,
        name: z.string().trim().min(1).max(200),
        email: z.string().trim().max(320).nullable(),
        role,
        days,
      }),
    )
    .output(invited),
  /** One more login for somebody who is here: after an invite that was lost, or a removal. */
  inviteAgain: reaching.input(ofMember.extend({ days })).output(invited),
  setRole: reaching.input(ofMember.extend({ role })).output(z.object({})),
  /** Takes access away at once; what they made stays. `leftBehind`: logins that are closed, but could not be deleted. */
  remove: reaching.input(ofMember).output(z.object({ ended: z.int(), leftBehind: z.array(z.string()) })),
  /** New passwords, for one or (null) everybody; with a new key of the bucket where one is given. */
  rotate: reaching
    .input(z.object({ id, userId: id.nullable(), days, key: bucketKey.optional() }))
    .output(z.array(invited)),
  setApproval: reaching.input(z.object({ id, needed: z.boolean() })).output(z.object({})),

  /** Every rule against the live registry and its storage. */
  doctor: reaching.input(ofRegistry).output(z.object({ findings: z.array(finding), at: instant })),
  /** `missing`: content that the storage did not have. `stop` with the ticket ends it and takes away what it wrote. */
  export: reaching.input(z.object({ id, folder: z.string().min(1).max(4096), ticket })).output(
    eventIterator(
      moved,
      z.object({
        folder: z.string(),
        skills: z.int(),
        versions: z.int(),
        blobs: z.int(),
        missing: z.array(z.string()),
      }),
    ),
  ),
  /**
   * Into an empty registry, which it makes if need be. Nobody has a login afterwards: invite each again. `told`: rows that did
   * not go in, or not as they were; sentences.
   */
  restore: reaching
    .input(z.object({ access: registryAccess, folder: z.string().min(1).max(4096), remember: z.boolean(), ticket }))
    .output(eventIterator(moved, z.object({ registry, users: z.int(), told: z.array(z.string()) }))),
  /** False when nothing of that ticket is running (any more). */
  stop: contract.input(z.object({ ticket })).output(z.object({ stopped: z.boolean() })),

  demo: {
    status: contract.output(demoStatus),
    /** Begins; `status` says how far it is, and a change of `registries` is announced at each step. */
    start: contract.output(z.object({})),
    /** Ends it, also while it starts. What it keeps stays. */
    stop: contract.output(z.object({})),
  },
}

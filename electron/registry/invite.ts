import { createHash } from 'node:crypto'
import { z } from 'zod'

/** Where a team keeps its content: a bucket of R2 (or of another S3-compatible service), or a shared folder. */
export const storageSettings = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('r2'),
    endpoint: z.url(),
    bucket: z.string().min(1),
    accessKeyId: z.string().min(1),
    secretAccessKey: z.string().min(1),
    region: z.string().optional(),
    ca: z.string().optional(),
  }),
  /** `id`: the mark that folder carries, so that another folder at the same path is not taken for it. */
  z.object({ kind: z.literal('folder'), path: z.string().min(1), id: z.string().optional() }),
])
export type StorageSettings = z.infer<typeof storageSettings>

/** All that a member's app needs, in one string to paste. It is a secret until it is accepted, and worthless after. */
const inviteShape = z.object({
  tenant: z.object({ id: z.string(), name: z.string() }),
  user: z.object({ id: z.string(), name: z.string() }),
  role: z.enum(['reader', 'author', 'admin']),
  /** Connection string of the member's own login. */
  database: z.string(),
  /** PEM of the authority that signed the database's certificate, where it is not a well-known one. */
  databaseCa: z.string().optional(),
  storage: storageSettings.nullable(),
  /** Milliseconds since 1970; unaccepted, it ends then. */
  expiresAt: z.int(),
})
export type Invite = z.infer<typeof inviteShape>
export type ReadInvite = { kind: 'invite'; invite: Invite } | { kind: 'invalid'; reason: string }

const PREFIX = 'whetstone-invite-1.'

export function encodeInvite(invite: Invite): string {
  const body = Buffer.from(JSON.stringify(invite)).toString('base64url')
  return `${PREFIX}${body}.${checksum(body)}`
}

/** Line breaks and spaces that a chat put in are ignored; a cut one is told from a foreign text. */
export function decodeInvite(text: string): ReadInvite {
  const invalid = (reason: string): ReadInvite => ({ kind: 'invalid', reason })
  const packed = text.replace(/\s+/g, '')
  if (!packed.startsWith(PREFIX))
    return invalid(
      packed.startsWith('whetstone-invite-')
        ? 'This invite was made by a newer Whetstone. Update the app, then paste it again.'
        : 'That is no invite: one starts with whetstone-invite-1.',
    )
  const [body = '', sum = ''] = packed.slice(PREFIX.length).split('.')
  if (sum !== checksum(body)) return invalid('The invite is incomplete. Copy all of it, to its last character.')
  try {
    const parsed = inviteShape.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')))
    return parsed.success ? { kind: 'invite', invite: parsed.data } : invalid('The invite cannot be understood.')
  } catch {
    return invalid('The invite cannot be understood.')
  }
}

const checksum = (body: string): string => createHash('sha256').update(body).digest('base64url').slice(0, 10)

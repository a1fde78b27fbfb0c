import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { type BlobFailure, type BlobStore, blobKey, isBlobFailure, sha256 } from './blobs.ts'
import type { Finding } from './doctor.ts'
import { reasonOf } from './errors.ts'
import type { StorageSettings } from './invite.ts'
import { openBlobs } from './open-blobs.ts'
import { connectR2 } from './r2-client.ts'

/** Always the same bytes, so that looking a hundred times leaves one small blob behind. */
const PROBE = Buffer.from('Whetstone looked whether this store keeps what it is given.\n')
const PROBE_HASH = sha256(PROBE)
const PROBE_MS = 10_000

type R2 = Extract<StorageSettings, { kind: 'r2' }>
type Rule = { id: string; title: string; mend: string; level?: 'advice'; find: (settings: R2) => Promise<string[]> }

/** Rules about a bucket, beside that it works: who gets in without a key, or over what is there. */
const BUCKET_RULES: readonly Rule[] = [
  {
    id: 'storage-write',
    title: 'Nobody writes to the bucket without a key',
    mend: 'Take public access off the bucket, and any policy that lets everybody write.',
    find: async settings => {
      const status = await statusOf(settings, 'PUT', 'whetstone-doctor')
      return status >= 200 && status < 300 ? [`a PUT without a signature was accepted (${status})`] : []
    },
  },
  {
    id: 'storage-read',
    title: 'Nobody reads from the bucket without a key',
    mend: 'Take public access (r2.dev, custom domains, public policies) off the bucket.',
    find: async settings => {
      const status = await statusOf(settings, 'GET', blobKey(PROBE_HASH))
      return status >= 200 && status < 300 ? [`a GET without a signature was answered (${status})`] : []
    },
  },
  {
    id: 'storage-secret',
    title: 'A wrong key is refused',
    mend: 'This is no store to trust: it does not check signatures.',
    find: async settings => {
      const wrong = settings.secretAccessKey.replace(/.$/, last => (last === '0' ? '1' : '0'))
      const opened = await openBlobs({ ...settings, secretAccessKey: wrong })
      if (opened.kind !== 'open') return []
      const answer = await opened.store.get(PROBE_HASH)
      opened.store.close()
      return answer.kind === 'found' ? ['a request signed with another key was answered'] : []
    },
  },
  {
    id: 'storage-lock',
    title: 'What is stored cannot be overwritten, even with the key',
    mend: 'Set a bucket lock rule without an end for the prefix blobs/ (R2: bucket settings, Bucket Lock Rules). Without it a member can damage content; every reader notices by its hash.',
    level: 'advice',
    find: async settings => {
      const connection = connectR2(settings)
      const put = new PutObjectCommand({ Bucket: settings.bucket, Key: blobKey(PROBE_HASH), Body: PROBE })
      const asked = await connection.ask(undefined, PROBE.length, (client, abortSignal) =>
        client.send(put, { abortSignal }),
      )
      connection.close()
      return asked.kind === 'ok' ? ['a blob that is there was written again'] : []
    },
  },
]

/** A key as members of some role hold it; `writes`: they have to store content. */
export type HeldKey = { of: string; settings: R2; writes: boolean }

/** Nobody's blob: what is deleted to see whether it can be. */
const SCRATCH = 'whetstone-doctor-scratch'

/** Puts an object of the doctor's own there and takes it away again, with a member's key. */
async function examineKey(owner: R2, { of, settings, writes }: HeldKey): Promise<Finding[]> {
  const asks = async (by: R2, command: PutObjectCommand | DeleteObjectCommand): Promise<boolean> => {
    const connection = connectR2(by)
    const asked = await connection.ask(undefined, PROBE.length, (client, abortSignal) =>
      command instanceof PutObjectCommand
        ? client.send(command, { abortSignal })
        : client.send(command, { abortSignal }),
    )
    connection.close()
    return asked.kind === 'ok'
  }
  const put = () => new PutObjectCommand({ Bucket: owner.bucket, Key: SCRATCH, Body: PROBE })
  const remove = () => new DeleteObjectCommand({ Bucket: owner.bucket, Key: SCRATCH })
  await asks(owner, put())
  const deletes = await asks(settings, remove())
  const stores = await asks(settings, put())
  await asks(owner, remove())
  const finding = (id: string, title: string, mend: string, found: string[]): Finding => ({
    id,
    title,
    mend,
    found,
    state: found.length === 0 ? 'pass' : 'advice',
  })
  const heals = 'What one member deletes, every other who has it puts back; what nobody has any more is lost.'
  return [
    finding(
      `storage-delete-${writes ? 'authors' : 'readers'}`,
      `The key that ${of} hold deletes nothing`,
      writes
        ? `Give them a key without the right to delete (--writer-key-id), or set a bucket lock rule. R2's own keys cannot be limited so: there a lock rule for blobs/ is the way. ${heals}`
        : `Give readers a read-only key (--reader-key-id; R2: an API token “Object Read only” for this bucket). ${heals}`,
      deletes ? ['an object was deleted with it'] : [],
    ),
    ...(writes
      ? []
      : [
          finding(
            'storage-write-readers',
            'The key that readers hold writes nothing',
            'Give readers a read-only key (--reader-key-id), then “registry rotate” for each of them.',
            stores ? ['an object was stored with it'] : [],
          ),
        ]),
  ]
}

/** Whether the team's content is safe where it is kept, also from who holds its keys. Leaves one small blob there. */
export async function examineStorage(settings: StorageSettings, held: readonly HeldKey[] = []): Promise<Finding[]> {
  const works = await examineStore(settings)
  if (settings.kind !== 'r2' || works.state !== 'pass') return [works]
  const findings = [works]
  for (const { id, title, mend, level, find } of BUCKET_RULES) {
    try {
      const found = await find(settings)
      findings.push({ id, title, mend, found, state: found.length === 0 ? 'pass' : (level ?? 'fail') })
    } catch (error) {
      findings.push({ id, title, mend, found: [reasonOf(error)], state: 'unknown' })
    }
  }
  for (const key of held) findings.push(...(await examineKey(settings, key)))
  return findings
}

async function examineStore(settings: StorageSettings): Promise<Finding> {
  const finding = {
    id: 'storage',
    title: 'The team’s storage keeps a blob once, and gives it back as it was',
    mend:
      settings.kind === 'r2'
        ? 'Check the address, the bucket’s name and the key.'
        : 'Check the folder and who may write to it.',
  }
  const found = await tryStore(settings)
  return { ...finding, found, state: found.length === 0 ? 'pass' : 'fail' }
}

async function tryStore(settings: StorageSettings): Promise<string[]> {
  const opened = await openBlobs(settings)
  if (opened.kind !== 'open') return [opened.message]
  try {
    for (const want of [['stored', 'present'], ['present']]) {
      const put = await opened.store.put(PROBE_HASH, PROBE)
      if (!want.includes(put.kind)) return [said(put, 'storing')]
    }
    const got = await opened.store.get(PROBE_HASH)
    return got.kind === 'found' ? [] : [said(got, 'reading back')]
  } finally {
    opened.store.close()
  }
}

type Said = Awaited<ReturnType<BlobStore['put'] | BlobStore['get']>> | BlobFailure
const said = (answer: Said, doing: string): string =>
  isBlobFailure(answer) || answer.kind === 'damaged'
    ? answer.message
    : `${doing} a blob was answered with ‘${answer.kind}’`

async function statusOf(settings: R2, method: 'GET' | 'PUT', key: string): Promise<number> {
  const url = `${settings.endpoint.replace(/\/$/, '')}/${encodeURIComponent(settings.bucket)}/${key}`
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(PROBE_MS),
    ...(method === 'PUT' ? { body: 'x' } : {}),
  })
  await response.body?.cancel()
  return response.status
}

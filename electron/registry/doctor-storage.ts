import { PutObjectCommand } from '@aws-sdk/client-s3'
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

/** Whether the team's content is safe where it is kept. Leaves one small blob there. */
export async function examineStorage(settings: StorageSettings): Promise<Finding[]> {
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

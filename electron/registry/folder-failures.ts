import { type BlobFailure, CANCELLED } from './blobs.ts'

type Kind = BlobFailure['kind']

/** What a file system says, by what it means to us. Of network shares too: NFS and SMB answer with these. */
const CODES: Readonly<Record<string, Kind>> = {
  ENOSPC: 'quota',
  EDQUOT: 'quota',
  EFBIG: 'quota',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  ENOENT: 'missing-bucket',
  ENOTDIR: 'missing-bucket',
  ENODEV: 'missing-bucket',
  ENXIO: 'missing-bucket',
  ELOOP: 'refused',
  ENAMETOOLONG: 'refused',
  EISDIR: 'refused',
}

const SENTENCES: Readonly<Record<Kind, string>> = {
  retry: 'The team’s folder does not answer just now. It will be tried again.',
  denied: 'This computer may not read or write in the team’s folder. Check its permissions, or sign in to the share.',
  expired: '',
  quota: 'The disk of the team’s folder is full. Nothing is lost: it is sent when there is room again.',
  'missing-bucket':
    'The team’s folder is not there, or is another one. If it is on a network share, check that the share is connected.',
  clock: '',
  tls: '',
  refused: 'There is something in the team’s folder that does not belong there: a link, or a folder in a file’s place.',
  cancelled: CANCELLED.message,
}

export const folderFailure = (kind: Kind, detail: string): BlobFailure => ({ kind, message: SENTENCES[kind], detail })

/** A file system's error as a value; what has no code is a bug, and thrown on. Codes not named above pass. */
export function readFileError(error: unknown): BlobFailure {
  const code = codeOf(error)
  if (code === undefined) throw error
  return folderFailure(CODES[code] ?? 'retry', code)
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

import { hash } from 'node:crypto'
import type { Library } from './library.ts'

/** Lowercase hex SHA-256: how content is named here, in the registry and in the bucket. */
export const sha256 = (data: Uint8Array | string): string => hash('sha256', data, 'hex')

export type BlobFound = { kind: 'found'; bytes: Buffer } | { kind: 'missing' } | { kind: 'damaged' }

/** Stores bytes under the hash the caller computed of them; storing them twice is harmless. */
export function putBlob(library: Library, name: string, bytes: Uint8Array): void {
  library.run(
    'INSERT OR IGNORE INTO blobs (sha256, size, bytes) VALUES (?, ?, ?)',
    name,
    bytes.byteLength,
    asBuffer(bytes),
  )
}

/** Every read is checked against the name: SQLite's own integrity check does not see a flipped bit in content. */
export function findBlob(library: Library, name: string): BlobFound {
  const row = library.find<{ bytes: Buffer }>('SELECT bytes FROM blobs WHERE sha256 = ?', name)
  if (row === undefined) return { kind: 'missing' }
  return sha256(row.bytes) === name ? { kind: 'found', bytes: row.bytes } : { kind: 'damaged' }
}

export function hasBlob(library: Library, name: string): boolean {
  return library.find('SELECT 1 FROM blobs WHERE sha256 = ?', name) !== undefined
}

export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

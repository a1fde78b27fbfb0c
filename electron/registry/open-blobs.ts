import type { BlobFailure, BlobStore } from './blobs.ts'
import { openFolderBlobs } from './folder-blobs.ts'
import type { StorageSettings } from './invite.ts'
import { openR2 } from './r2.ts'

/** The store that an invite names. */
export async function openBlobs(settings: StorageSettings): Promise<{ kind: 'open'; store: BlobStore } | BlobFailure> {
  switch (settings.kind) {
    case 'r2':
      return openR2(settings)
    case 'folder':
      return openFolderBlobs(settings.path, { id: settings.id })
    default:
      return settings satisfies never
  }
}

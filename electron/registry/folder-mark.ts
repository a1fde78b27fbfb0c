import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { BlobFailure } from './blobs.ts'
import { folderFailure, readFileError } from './folder-failures.ts'
import { findEntry, giveName, INCOMING, makeFolder, writeIncoming } from './folder-files.ts'

/**
 * A folder that was made to hold a team's blobs has this mark, and two folders from the beginning. Where they are
 * missing nothing is made: a share that is not connected leaves the empty folder behind that it is connected to.
 *
 *   whetstone-blobs.json · incoming/<random>.part · blobs/sha256/ab/abcdef…
 */
const MARK = 'whetstone-blobs.json'
const mark = z.object({ format: z.literal(1), id: z.string().min(1) })

/** Makes an existing folder one for blobs, with a fresh id for invites to name; one that is so already keeps its own. */
export async function initFolderBlobs(
  root: string,
  newId: () => string,
): Promise<{ kind: 'ready'; id: string } | BlobFailure> {
  try {
    await makeFolder(root, INCOMING)
    await makeFolder(root, 'blobs')
    await makeFolder(join(root, 'blobs'), 'sha256')
    const bytes = Buffer.from(`${JSON.stringify({ format: 1, id: newId() })}\n`)
    if ((await findEntry(join(root, MARK))) === undefined)
      await giveName(await writeIncoming(root, bytes, undefined), join(root, MARK))
    const read = await readMark(root)
    return typeof read === 'string' ? { kind: 'ready', id: read } : read
  } catch (error) {
    return readFileError(error)
  }
}

/** The folder's id, or why it is not to be used. */
export async function readMark(root: string): Promise<string | BlobFailure> {
  const parsed = mark.safeParse(parseJson(await readFile(join(root, MARK), 'utf8')))
  return parsed.success ? parsed.data.id : folderFailure('missing-bucket', 'its mark cannot be read')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import path from 'node:path'
import { SafeFolder } from '../safe-folder.ts'
import { Refused } from './shared.ts'

/** Writes one file, named by the backend, into a folder that the person named; answers where it is. */
export async function writeBelow(folder: string, name: string, bytes: Uint8Array, replace: boolean): Promise<string> {
  const place = await SafeFolder.open(folder)
  if ('ok' in place) throw new Refused(place.message)
  try {
    const failed = await place.write({ path: name, bytes, executable: false }, { replace })
    if (failed?.code === 'FILE_EXISTS')
      throw new Refused(`${path.join(folder, name)} is there already. Nothing was written; --force replaces it.`)
    if (failed) throw new Refused(failed.message)
    return path.join(folder, name)
  } finally {
    await place.close()
  }
}

import type { VersionRow } from '../../shared/contract/versions.ts'
import type { WorkingCopy } from '../../shared/contract/working-copies.ts'
import { api } from '../api.ts'
import { tell, tellError } from '../ui/tell.ts'
import { versionName } from '../ui/version-name.ts'

/** Saves an old content as a new version on top. Nothing is lost by it, so undoing is restoring what was newest before. */
export async function restore(row: VersionRow, working: WorkingCopy): Promise<void> {
  try {
    const [newest] = await api.versions.list({ skillId: row.skillId })
    const made = await api.versions.restore({ id: row.id, message: `Restore ${versionName(row)}` })
    const undo = () =>
      newest &&
      api.versions
        .restore({ id: newest.id, message: `Undo: back to ${versionName(newest)}` })
        .catch(error => tellError(error, 'That was not undone.'))
    const kept = working.changed ? ' What you were editing is kept in the working copy.' : ''
    tell({
      message: `${versionName(made)} has the content of ${versionName(row)}.${kept}`,
      ...(newest && { action: { label: 'Undo', run: () => void undo() } }),
    })
  } catch (error) {
    tellError(error, 'Nothing was restored.')
  }
}

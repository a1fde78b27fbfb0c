import type { VersionRow } from '../../shared/contract/versions.ts'
import type { WorkingCopy } from '../../shared/contract/working-copies.ts'
import { api } from '../api.ts'
import { tell, tellError } from '../ui/tell.ts'
import { versionName } from '../ui/version-name.ts'

/**
 * The working copy starts over from a version, which need not be the newest: what is saved then stands beside the newer ones
 * until they are merged. What was being edited can be brought back. True when it is done.
 */
export async function editFrom(row: VersionRow): Promise<boolean> {
  const { skillId } = row
  try {
    const before = await api.workingCopies.get({ skillId })
    const { files } = await api.versions.get({ id: row.id })
    await api.workingCopies.put({ skillId, baseId: row.id, files })
    const undo = () =>
      api.workingCopies
        .put({ skillId, baseId: before.base?.id ?? null, files: entriesOf(before) })
        .catch(error => tellError(error, 'That was not undone.'))
    const kept = before.changed ? ' What you were editing before can be brought back.' : ''
    tell({
      message: `You are editing ${versionName(row)} now.${kept}`,
      action: { label: 'Undo', run: () => void undo() },
    })
    return true
  } catch (error) {
    tellError(error, 'Your working copy was kept as it was.')
    return false
  }
}

const entriesOf = ({ files }: WorkingCopy) =>
  files.map(({ path, sha256, size, executable }) => ({ path, sha256, size, executable }))

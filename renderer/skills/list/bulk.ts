import type { ContentRef } from '../../../shared/contract/base.ts'
import type { SkillRow } from '../../../shared/contract/skills.ts'
import { api, desktop } from '../../api.ts'
import { fromBase64, offer } from '../../editor/file-card.tsx'
import { count } from '../../ui/format.ts'
import { tell, tellError } from '../../ui/tell.ts'

/** Calls in flight at once: enough to hide the round trip, few enough to leave the backend to others. */
const AT_ONCE = 8

/** Archives, or brings back, and offers the opposite. */
export async function archive(rows: readonly SkillRow[], archived: boolean): Promise<void> {
  const done: SkillRow[] = []
  const failed = await eachOf(rows, async row => {
    await api.skills.archive({ id: row.id, archived })
    done.push(row)
  })
  if (done.length > 0)
    tell({
      message: `${nameThem(done)} ${archived ? 'archived' : 'brought back'}.`,
      action: { label: 'Undo', run: () => void archive(done, !archived) },
    })
  if (failed.length > 0)
    tellError(failed[0], `${count(failed.length, 'skill')} could not be ${archived ? 'archived' : 'brought back'}.`)
}

/** Writes folders where the host has a dialog for it, and otherwise hands over one archive as a download. */
export async function exportSkills(rows: readonly SkillRow[], dialogs: boolean): Promise<void> {
  try {
    await (dialogs ? exportToFolder(rows) : download(rows))
  } catch (error) {
    tellError(error, 'The export did not finish.')
  }
}

async function exportToFolder(rows: readonly SkillRow[]): Promise<void> {
  const { path: parent } = await desktop.chooseFolder({ title: 'Export into this folder' })
  if (parent === undefined) return
  const failed = await eachOf(rows, row => api.exports.toFolder({ of: contentOf(row), parent }))
  const done = rows.length - failed.length
  if (done > 0)
    tell({
      message: `${count(done, 'skill')} exported to ${parent}`,
      action: { label: 'Show', run: () => void desktop.reveal({ path: parent }) },
    })
  if (failed.length > 0) tellError(failed[0], `${count(failed.length, 'skill')} could not be exported.`)
}

async function download(rows: readonly SkillRow[]): Promise<void> {
  const [only] = rows
  if (rows.length === 1 && only) {
    const { name, base64 } = await api.exports.toArchive({ of: contentOf(only) })
    offer(fromBase64(base64), name)
    return
  }
  const { base64, skills, left } = await api.exports.toOneArchive({ of: rows.map(contentOf) })
  if (skills > 0) offer(fromBase64(base64), 'skills.zip')
  if (left.length > 0)
    tell({
      title: `${count(left.length, 'skill')} could not be exported.`,
      message: left.map(({ name, reason }) => `${name}: ${reason}`).join(' '),
    })
}

/** The newest version, or the working copy of a skill that has none. */
const contentOf = (row: SkillRow): ContentRef =>
  row.newest === null ? { kind: 'working', skillId: row.id } : { kind: 'version', id: row.newest.id }

const nameThem = (rows: readonly SkillRow[]): string =>
  rows.length === 1 ? (rows[0]?.name ?? '') : count(rows.length, 'skill')

/** Runs over all, a few at a time; the failures come back, the others are done. */
async function eachOf<T>(items: readonly T[], run: (item: T) => Promise<unknown>): Promise<unknown[]> {
  const failed: unknown[] = []
  const queue = items.values()
  const worker = async () => {
    for (const item of queue)
      try {
        await run(item)
      } catch (error) {
        failed.push(error)
      }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return failed
}

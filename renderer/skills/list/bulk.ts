import type { ContentRef } from '../../../shared/contract/base.ts'
import type { SkillRow } from '../../../shared/contract/skills.ts'
import { api, desktop } from '../../api.ts'
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
  const archives: { name: string; data: Uint8Array }[] = []
  const failed = await eachOf(rows, async row => {
    const { name, base64 } = await api.exports.toArchive({ of: contentOf(row) })
    archives.push({ name, data: Uint8Array.from(atob(base64), byte => byte.charCodeAt(0)) })
  })
  const [only] = archives
  if (archives.length === 1 && only) save(only.name, only.data)
  else if (archives.length > 1) save('skills.zip', await joinArchives(archives.map(archive => archive.data)))
  if (failed.length > 0) tellError(failed[0], `${count(failed.length, 'skill')} could not be exported.`)
}

/** Every archive holds one folder named by its skill, so that many go side by side into one. */
async function joinArchives(archives: readonly Uint8Array[]): Promise<Uint8Array> {
  const { unzipSync, zipSync } = await import('fflate')
  return zipSync(Object.assign({}, ...archives.map(data => unzipSync(data))))
}

function save(name: string, data: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([new Uint8Array(data)], { type: 'application/zip' }))
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  // The browser holds the blob by now; a moment later it is no longer needed under this address.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
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

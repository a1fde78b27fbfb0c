import type { WorkingCopy } from '../../../shared/contract/working-copies.ts'
import { findSkillMd } from '../../../shared/domain/bundle.ts'
import { api, isExpected } from '../../api.ts'
import { tell, tellError } from '../../ui/tell.ts'
import { drafts } from './drafts.ts'

export type FileActions = ReturnType<typeof fileActions>

const NEW_SKILL_MD = (slug: string): string =>
  `---\nname: ${slug}\ndescription: \n---\n\n# ${slug}\n\nSay what the agent should do, step by step.\n`

/** What can be done to the files of a working copy. `open` shows a file (undefined: the first one). */
export function fileActions(working: WorkingCopy, slug: string, open: (path?: string) => void) {
  const { skillId } = working
  const guard = async (happened: string, act: () => Promise<void>): Promise<void> => {
    try {
      await act()
    } catch (error) {
      tellError(error, happened)
    }
  }

  return {
    create: (path: string) =>
      guard(`“${path}” was not made.`, async () => {
        const text = path === 'SKILL.md' ? NEW_SKILL_MD(slug) : ''
        await api.workingCopies.write({ skillId, path, content: { kind: 'text', text }, expected: null })
        open(path)
      }),

    /** Whether a system may run it: the executable bit that the file has where it is unpacked. */
    setExecutable: (path: string, executable: boolean) =>
      guard(`“${path}” stays as it is.`, async () => {
        const set = async (to: boolean) => {
          await drafts().flush(skillId)
          const now = await api.workingCopies.get({ skillId })
          const files = now.files.map(file => plainEntry(file.path === path ? { ...file, executable: to } : file))
          await api.workingCopies.put({ skillId, files })
        }
        await set(executable)
        const undo = () => guard(`“${path}” was not set back.`, () => set(!executable))
        const message = executable ? `${path} is executable now.` : `${path} is no longer executable.`
        tell({ message, action: { label: 'Undo', run: () => void undo() } })
      }),

    rename: (from: string, to: string) =>
      guard(`“${from}” was not renamed.`, async () => {
        if (from === to) return
        await drafts().flush(skillId)
        await api.workingCopies.move({ skillId, from, to })
        drafts().forget(skillId, from)
        open(to)
        const undo = () =>
          guard(`“${to}” was not renamed back.`, async () => {
            await drafts().flush(skillId)
            await api.workingCopies.move({ skillId, from: to, to: from })
            drafts().forget(skillId, to)
            open(from)
          })
        tell({ message: `Renamed to ${to}.`, action: { label: 'Undo', run: () => void undo() } })
      }),

    remove: (path: string) =>
      guard(`“${path}” was not removed.`, async () => {
        await drafts().flush(skillId)
        const before = await api.workingCopies.get({ skillId })
        const now = await api.workingCopies.remove({ skillId, path })
        drafts().forget(skillId, path)
        if (findSkillMd(now.files)?.path !== undefined) open()
        const entry = before.files.find(file => file.path === path)
        const undo = () => guard(`“${path}” was not brought back.`, () => bringBack(skillId, entry, open))
        tell({ message: `Removed ${path}.`, ...(entry && { action: { label: 'Undo', run: () => void undo() } }) })
      }),

    /** Brings back a file that the base version still has. */
    restore: (path: string) =>
      guard(`“${path}” was not brought back.`, async () => {
        if (!working.base) return
        const { files } = await api.versions.get({ id: working.base.id })
        await bringBack(
          skillId,
          files.find(file => file.path === path),
          open,
        )
      }),

    /** Adds dropped or chosen files below a folder ('' for the top); one of the same name is replaced, and that can be undone. */
    upload: async (chosen: readonly { path: string; file: File }[]): Promise<void> => {
      const before = await api.workingCopies.get({ skillId }).catch(() => undefined)
      const done: string[] = []
      for (const { path, file } of chosen) {
        await guard(`“${path}” was not added.`, async () => {
          const expected = before?.files.find(entry => entry.path === path)?.sha256 ?? null
          await drafts().flush(skillId)
          const content = { kind: 'base64' as const, base64: await base64Of(file) }
          await api.workingCopies.write({ skillId, path, content, expected })
          drafts().forget(skillId, path)
          done.push(path)
        })
      }
      const [first] = done
      if (first === undefined) return
      open(first)
      const undo = () =>
        guard('The files were not taken out again.', async () => {
          const now = await api.workingCopies.get({ skillId })
          const kept = now.files.filter(file => !done.includes(file.path))
          const earlier = before?.files.filter(file => done.includes(file.path)) ?? []
          await api.workingCopies.put({ skillId, files: [...kept, ...earlier].map(plainEntry) })
          open()
        })
      const what = done.length === 1 ? first : `${done.length} files`
      tell({ message: `Added ${what}.`, action: { label: 'Undo', run: () => void undo() } })
    },
  }
}

type Entry = WorkingCopy['files'][number]
type PlainEntry = Pick<Entry, 'path' | 'sha256' | 'size' | 'executable'>
const plainEntry = ({ path, sha256, size, executable }: PlainEntry): PlainEntry => ({ path, sha256, size, executable })

async function bringBack(skillId: string, entry: PlainEntry | undefined, open: (path: string) => void): Promise<void> {
  if (!entry) return
  await drafts().flush(skillId)
  const now = await api.workingCopies.get({ skillId })
  const others = now.files.filter(file => file.path !== entry.path)
  await api.workingCopies.put({ skillId, files: [...others, entry].map(plainEntry) })
  open(entry.path)
}

/** Goes back to the base version; the notification brings back what was thrown away. */
export async function discardChanges(skillId: string): Promise<void> {
  try {
    await drafts().flush(skillId)
    const before = await api.workingCopies.get({ skillId })
    const { was } = await api.workingCopies.discard({ skillId })
    drafts().forget(skillId)
    const baseId = before.base?.id ?? null
    const undo = async () => {
      try {
        await api.workingCopies.put({ skillId, baseId, files: was })
        drafts().forget(skillId)
      } catch (error) {
        tellError(error, 'The changes were not brought back.')
      }
    }
    tell({ message: 'Changes discarded.', action: { label: 'Undo', run: () => void undo() } })
  } catch (error) {
    tellError(error, isExpected(error) ? 'Nothing was discarded.' : 'The changes may not have been discarded.')
  }
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onerror = () => reject(new Error(`“${file.name}” could not be read.`))
    reader.onload = () => {
      const url = typeof reader.result === 'string' ? reader.result : ''
      resolve(url.slice(url.indexOf(',') + 1))
    }
    reader.readAsDataURL(file)
  })
}

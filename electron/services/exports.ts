import path from 'node:path'
import type { ContentRef } from '../../shared/contract/base.ts'
import { foldName } from '../../shared/domain/paths.ts'
import { findSkill } from '../library/skills.ts'
import { findVersion } from '../library/versions.ts'
import { type Content, getBytes, nameOf, openContent } from './content.ts'
import { type Context, type Damaged, os } from './context.ts'

export const exportsService = (context: Context) => {
  const filesOf = (content: Content, errors: Damaged) =>
    content.files.map(file => ({
      path: file.path,
      bytes: getBytes(context, content, file, errors),
      executable: file.executable,
    }))

  const nameOfSkill = (of: ContentRef): string => {
    if (of.kind === 'folder') return path.basename(of.path)
    const id = of.kind === 'version' ? findVersion(context.library, of.id)?.skill_id : of.skillId
    return (id === undefined ? undefined : findSkill(context.library, id)?.slug) ?? 'A skill'
  }

  const folderOf = (parent: string): string => path.resolve(parent.replace(/^~(?=$|[/\\])/, context.home))

  return {
    toFolder: os.exports.toFolder.handler(async ({ input, errors }) => {
      const content = await openContent(context, input.of, errors)
      const { writeFolder } = await import('../interchange/write-folder.ts')
      const parent = folderOf(input.parent)
      const name = nameOf(content)
      const written = await writeFolder(parent, name, filesOf(content, errors), { overwrite: input.overwrite })
      const target = path.join(parent, name)
      if (written.ok) return { path: target, files: content.files.length }
      if (written.code === 'TARGET_NOT_EMPTY') throw errors.TARGET_NOT_EMPTY({ data: { path: target } })
      throw refused(errors, written.message, target)
    }),

    toOneArchive: os.exports.toOneArchive.handler(async ({ input, errors }) => {
      const { writeZip } = await import('../interchange/zip.ts')
      const { whyNotWritten } = await import('../interchange/write-folder.ts')
      const files: Parameters<typeof writeZip>[0][number][] = []
      const left: { name: string; reason: string }[] = []
      const taken = new Set<string>()
      for (const of of input.of) {
        try {
          const content = await openContent(context, of, errors)
          const name = nameOf(content)
          const inside = filesOf(content, errors)
          const reason =
            whyNotWritten(inside) ??
            (taken.has(foldName(name)) ? 'Another skill of that name is in the archive.' : undefined)
          if (reason !== undefined) {
            left.push({ name, reason })
            continue
          }
          taken.add(foldName(name))
          files.push(...inside.map(file => ({ ...file, path: `${name}/${file.path}` })))
        } catch (error) {
          left.push({ name: nameOfSkill(of), reason: error instanceof Error ? error.message : String(error) })
        }
      }
      const base64 = files.length === 0 ? '' : Buffer.from(await writeZip(files)).toString('base64')
      return { base64, skills: taken.size, left }
    }),

    toArchive: os.exports.toArchive.handler(async ({ input, errors }) => {
      const { writeZip } = await import('../interchange/zip.ts')
      const { refusedPath } = await import('../interchange/write-folder.ts')
      const content = await openContent(context, input.of, errors)
      const name = nameOf(content)
      const inside = filesOf(content, errors)
      const bad = refusedPath(inside)
      if (bad) throw refused(errors, bad.message, name)
      const files = inside.map(file => ({ ...file, path: `${name}/${file.path}` }))
      return { name: `${name}.skill`, base64: Buffer.from(await writeZip(files)).toString('base64') }
    }),
  }
}

type DiskErrors = { DISK: (options: { message: string; data: { reason: string; path: string } }) => Error }

const refused = (errors: DiskErrors, message: string, path: string): Error =>
  errors.DISK({ message, data: { reason: message, path } })

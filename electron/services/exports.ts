import path from 'node:path'
import { type Content, getBytes, nameOf, openContent } from './content.ts'
import { type Context, type Damaged, os } from './context.ts'

export const exportsService = (context: Context) => {
  const filesOf = (content: Content, errors: Damaged) =>
    content.files.map(file => ({
      path: file.path,
      bytes: getBytes(context, content, file, errors),
      executable: file.executable,
    }))

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

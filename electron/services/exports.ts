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

  return {
    toFolder: os.exports.toFolder.handler(async ({ input, errors }) => {
      const content = await openContent(context, input.of, errors)
      const target = path.join(path.resolve(input.parent.replace(/^~(?=$|[/\\])/, context.home)), nameOf(content))
      const { writeFolder } = await import('../interchange/write-folder.ts')
      const written = await writeFolder(target, filesOf(content, errors), { overwrite: input.overwrite })
      if (written.ok) return { path: target, files: content.files.length }
      if (written.code === 'TARGET_NOT_EMPTY') throw errors.TARGET_NOT_EMPTY({ data: { path: target } })
      throw errors.DISK({ message: written.message, data: { reason: written.message, path: target } })
    }),

    toArchive: os.exports.toArchive.handler(async ({ input, errors }) => {
      const { writeZip } = await import('../interchange/zip.ts')
      const content = await openContent(context, input.of, errors)
      const slug = nameOf(content)
      const files = filesOf(content, errors).map(file => ({ ...file, path: `${slug}/${file.path}` }))
      return { name: `${slug}.skill`, base64: Buffer.from(writeZip(files)).toString('base64') }
    }),
  }
}

import { decodeText } from '../../shared/domain/text.ts'
import { type Content, getBytes, mediaTypeOf, openContent } from './content.ts'
import { type Context, type NotFound, os } from './context.ts'

/** Beyond this an editor is of no help; the file is still kept, exported and compared by hash. */
const SHOWN_BYTES = 5 * 1024 * 1024

export const filesService = (context: Context) => {
  const fileOf = (content: Content, path: string, errors: NotFound) => {
    const file = content.files.find(entry => entry.path === path)
    if (!file) throw errors.NOT_FOUND({ data: { what: 'file', id: path } })
    return file
  }

  return {
    read: os.files.read.handler(async ({ input, errors }) => {
      const content = await openContent(context, input.of, errors, false)
      const file = fileOf(content, input.path, errors)
      const { sha256, size, executable } = file
      const unshown = { sha256, size, executable, mediaType: mediaTypeOf(file.path) }
      if (size > SHOWN_BYTES) return { kind: 'too-large' as const, ...unshown }
      const decoded = decodeText(getBytes(context, content, file, errors))
      return decoded.kind === 'text'
        ? { kind: 'text' as const, text: decoded.text, sha256, size, executable }
        : { kind: decoded.kind, ...unshown }
    }),

    bytes: os.files.bytes.handler(async ({ input, errors }) => {
      const content = await openContent(context, input.of, errors, false)
      const file = fileOf(content, input.path, errors)
      const page = getBytes(context, content, file, errors).subarray(input.offset, input.offset + input.limit)
      return { base64: page.toString('base64'), size: file.size, mediaType: mediaTypeOf(file.path) }
    }),
  }
}

import { decodeText } from '../../../shared/domain/text.ts'
import { bytes } from '../../ui/format.ts'
import { pictureType } from './picture-type.ts'

/** A file from outside the library: held by the page alone, neither stored nor sent anywhere. */
export type PageFile = { name: string; size: number } & (
  | { kind: 'text'; text: string }
  | { kind: 'picture'; blob: Blob }
  /** Cannot be compared; `why` is a sentence. */
  | { kind: 'refused'; why: string }
)

const LARGEST_BYTES = 5 * 1024 * 1024

/** Reads a file that was chosen or dropped. SVG is a picture here. */
export async function readPageFile(file: File): Promise<PageFile> {
  const { name, size } = file
  const refused = (why: string): PageFile => ({ name, size, kind: 'refused', why })
  if (size > LARGEST_BYTES)
    return refused(`${name} has ${bytes(size)}. Files of up to ${bytes(LARGEST_BYTES)} can be compared here.`)
  const data = await file.arrayBuffer().catch(() => undefined)
  if (data === undefined) return refused(`${name} could not be read. A folder cannot be compared here; its files can.`)
  const type = pictureType(name)
  if (type !== undefined) return { name, size, kind: 'picture', blob: new Blob([data], { type }) }
  const decoded = decodeText(new Uint8Array(data))
  if (decoded.kind === 'text') return { name, size, kind: 'text', text: decoded.text }
  return refused(
    decoded.kind === 'binary'
      ? `${name} is not text, so its words cannot be compared.`
      : `${name} is text, but not UTF-8. Save it as UTF-8 to compare it.`,
  )
}

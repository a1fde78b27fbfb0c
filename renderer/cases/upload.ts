import type { FileSource } from '../../shared/contract/cases.ts'
import { bytes } from '../ui/format.ts'

/** The contract takes 90,000,000 characters of base64: three bytes in four characters. */
const UPLOAD_BYTES = 67_000_000
/** One file of a case. */
export const CASE_FILE_BYTES = 10_000_000

/** A file that the page holds as something to import, or the sentence that says why not. */
export async function toSource(file: File): Promise<{ source: FileSource } | { refused: string }> {
  if (file.size > UPLOAD_BYTES)
    return {
      refused: `“${file.name}” has ${bytes(file.size)}; at most ${bytes(UPLOAD_BYTES)} can be taken. Give its path instead.`,
    }
  return { source: { kind: 'bytes', name: file.name, base64: await toBase64(file) } }
}

export function toBase64(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener('load', () => resolve(String(reader.result).replace(/^[^,]*,/, '')))
    reader.addEventListener('error', () => reject(reader.error))
    reader.readAsDataURL(file)
  })
}

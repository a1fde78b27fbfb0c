import type { ImportSource } from '../../shared/contract/imports.ts'
import { bytes } from '../ui/format.ts'

/** The contract takes 150,000,000 characters of base64: three bytes in four characters. */
export const ARCHIVE_BYTES = 112_000_000

/** An archive held by the page as something to import, or the sentence that says why not. */
export async function readArchive(file: File): Promise<{ source: ImportSource } | { refused: string }> {
  const refused = refuseArchive(file)
  if (refused !== undefined) return { refused }
  return { source: { kind: 'archive', name: file.name, base64: await base64Of(file) } }
}

export function refuseArchive({ name, size }: { name: string; size: number }): string | undefined {
  if (!/\.(zip|skill)$/i.test(name)) return `“${name}” is no .zip or .skill file.`
  if (size > ARCHIVE_BYTES)
    return `“${name}” has ${bytes(size)}; an archive dropped here may have ${bytes(ARCHIVE_BYTES)}. Give its path instead, or unpack it and import the folder.`
  return undefined
}

function base64Of(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener('load', () => resolve(String(reader.result).replace(/^[^,]*,/, '')))
    reader.addEventListener('error', () => reject(reader.error))
    reader.readAsDataURL(file)
  })
}

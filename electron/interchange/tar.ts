type Limits = { files: number; fileBytes: number; totalBytes: number }

const BLOCK = 512
/** A long name, or the records beside it. */
const MOST_OF_A_HEADER = 64 * 1024
const FIELD = { name: [0, 100], size: [124, 136], checksum: [148, 156], kind: [156, 157], prefix: [345, 500] } as const

/**
 * The plain files of a tar archive (POSIX.1-2001 ustar and pax, and GNU's long names), by their paths; links, devices and
 * folders are passed over. Throws with a reason where the archive is damaged or holds more than the limits.
 */
export function readTar(bytes: Uint8Array, limits: Limits): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  let longName: string | undefined
  let total = 0
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK)
    if (header.every(byte => byte === 0)) break
    if (sumOf(header) !== octal(header, 'checksum')) throw new Error('it is damaged, or no tar archive')
    const size = octal(header, 'size')
    const from = at + BLOCK
    if (from + size > bytes.length) throw new Error('it is cut off')
    const content = bytes.subarray(from, from + size)
    const kind = text(header, 'kind')
    if ((kind === 'L' || kind === 'x') && size > MOST_OF_A_HEADER) throw new Error('it has a name that is too long')
    if (kind === 'L') longName = decode(content).replace(/\0.*$/s, '')
    else if (kind === 'x') longName = paxPath(content) ?? longName
    else {
      if ((kind === '0' || kind === '') && size <= limits.fileBytes) files.set(longName ?? nameOf(header), content)
      longName = undefined
      total += size
    }
    if (total > limits.totalBytes) throw new Error('it holds too much')
    if (files.size > limits.files) throw new Error('it holds too many files')
    at = from + Math.ceil(size / BLOCK) * BLOCK
  }
  return files
}

const field = (header: Uint8Array, name: keyof typeof FIELD): Uint8Array => header.subarray(...FIELD[name])
const decode = (part: Uint8Array): string => Buffer.from(part).toString('utf8')
const text = (header: Uint8Array, name: keyof typeof FIELD): string => decode(field(header, name)).replace(/\0.*$/s, '')

function octal(header: Uint8Array, name: keyof typeof FIELD): number {
  const value = Number.parseInt(text(header, name).trim() || '0', 8)
  if (!Number.isSafeInteger(value) || value < 0) throw new Error('it is damaged')
  return value
}

/** The checksum field itself counts as blanks. */
const sumOf = (header: Uint8Array): number =>
  header.reduce((sum, byte, at) => sum + (at >= FIELD.checksum[0] && at < FIELD.checksum[1] ? 0x20 : byte), 0)

function nameOf(header: Uint8Array): string {
  const prefix = text(header, 'prefix')
  return prefix === '' ? text(header, 'name') : `${prefix}/${text(header, 'name')}`
}

/** '27 path=folder/name\n' among records of the same form. */
const paxPath = (content: Uint8Array): string | undefined => /^\d+ path=(.*)$/m.exec(decode(content))?.[1]

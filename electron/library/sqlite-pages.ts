import fs from 'node:fs'

/**
 * The pages of a SQLite file that SQLite itself may refuse to open, read without it (https://sqlite.org/fileformat2.html):
 * the file's, and over them those of its write-ahead log. Nothing here trusts a number that the file says.
 */
export type Pages = {
  /** Bytes of a page, and how many of them are not reserved at its end. */
  size: number
  usable: number
  count: number
  /** Whether the first page says that this is a SQLite file. */
  headed: boolean
  /** Page `n`, counted from 1, as of the last transaction that can be believed. Undefined beyond the end. */
  read(n: number): Buffer | undefined
  /** What of the log was left out. */
  log: { frames: number; damaged: number }
  close(): void
}

const MAGIC = 'SQLite format 3\u0000'
/** Ours have SQLite's default; a file whose header is gone is read so. */
const DEFAULT_SIZE = 4096
const LOG_HEADER = 32
const FRAME_HEADER = 24

/** Opens `file` and `file-wal` for reading. A missing or empty one has no pages. */
export function openPages(file: string): Pages {
  const main = openIfThere(file)
  const log = openIfThere(`${file}-wal`)
  const header = main === undefined ? undefined : readAt(main, 0, 100)
  const headed = header !== undefined && header.toString('latin1', 0, 16) === MAGIC
  const logHeader = log === undefined ? undefined : readAt(log, 0, LOG_HEADER)
  const size = validSize(headed ? sizeIn(header) : undefined) ?? validSize(logHeader?.readUInt32BE(8)) ?? DEFAULT_SIZE
  const reserved = headed ? (header[20] ?? 0) : 0
  const overlay =
    log !== undefined && logHeader ? readLog(log, logHeader, size) : { pages: new Map<number, number>(), damaged: 0 }
  const inFile = main !== undefined ? Math.ceil(fs.fstatSync(main).size / size) : 0
  return {
    size,
    usable: reserved <= 64 ? size - reserved : size,
    count: Math.max(inFile, ...overlay.pages.keys()),
    headed,
    read: n => {
      const at = overlay.pages.get(n)
      if (log !== undefined && at !== undefined) return readAt(log, at, size)
      if (main === undefined || n < 1 || n > inFile) return undefined
      return readAt(main, (n - 1) * size, size)
    },
    log: { frames: overlay.pages.size, damaged: overlay.damaged },
    close: () => {
      if (main !== undefined) fs.closeSync(main)
      if (log !== undefined) fs.closeSync(log)
    },
  }
}

/**
 * Where the newest believable frame of each page is. SQLite stops at the first frame whose checksum is wrong. Each sum goes
 * on from the one stored in the frame before, so that a frame can be judged by itself: one bad frame costs only itself.
 */
function readLog(log: number, header: Buffer, size: number): { pages: Map<number, number>; damaged: number } {
  const pages = new Map<number, number>()
  const magic = header.readUInt32BE(0)
  const bigEndian = magic === 0x377f0683
  const length = fs.fstatSync(log).size
  let before: [number, number] = [header.readUInt32BE(24), header.readUInt32BE(28)]
  const sum = checksum(bigEndian, [0, 0], header, 0, 24)
  const sound = (magic & ~1) >>> 0 === 0x377f0682 && sum[0] === before[0] && sum[1] === before[1]
  // With the header gone, its first frame says which salt is the newest.
  const salt = sound ? header.subarray(16, 24) : readAt(log, LOG_HEADER + 8, 8)
  let waiting = new Map<number, number>()
  let damaged = sound ? 0 : 1
  for (let at = LOG_HEADER; at + FRAME_HEADER + size <= length; at += FRAME_HEADER + size) {
    const frame = readAt(log, at, FRAME_HEADER + size)
    // Another salt: left over from before the log was begun anew.
    if (!frame.subarray(8, 16).equals(salt)) break
    const sum = checksum(bigEndian, checksum(bigEndian, before, frame, 0, 8), frame, FRAME_HEADER, size)
    before = [frame.readUInt32BE(16), frame.readUInt32BE(20)]
    if (sum[0] !== before[0] || sum[1] !== before[1]) {
      damaged++
      continue
    }
    waiting.set(frame.readUInt32BE(0), at + FRAME_HEADER)
    if (frame.readUInt32BE(4) === 0) continue
    for (const [page, offset] of waiting) pages.set(page, offset)
    waiting = new Map()
  }
  return { pages, damaged }
}

/** https://sqlite.org/fileformat2.html#checksum_algorithm */
function checksum(
  bigEndian: boolean,
  from: [number, number],
  bytes: Buffer,
  start: number,
  length: number,
): [number, number] {
  let [a, b] = from
  const word = (at: number) => (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at))
  for (let at = start; at < start + length; at += 8) {
    a = (a + word(at) + b) >>> 0
    b = (b + word(at + 4) + a) >>> 0
  }
  return [a, b]
}

const sizeIn = (header: Buffer): number => (header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16))

const validSize = (size: number | undefined): number | undefined =>
  size !== undefined && size >= 512 && size <= 65_536 && (size & (size - 1)) === 0 ? size : undefined

function openIfThere(file: string): number | undefined {
  return fs.existsSync(file) && fs.statSync(file).size > 0 ? fs.openSync(file, 'r') : undefined
}

/** Always `length` bytes: what lies beyond the end is zero. */
function readAt(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  fs.readSync(fd, bytes, 0, length, at)
  return bytes
}

import { isUtf8 } from 'node:buffer'
import type { SqlValue } from './library.ts'
import type { Pages } from './sqlite-pages.ts'

/** One row as its page holds it: in a table its rowid and fields, in an index (and a table WITHOUT ROWID) its fields. */
export type Kind = 'table' | 'index'
export type Cell = { kind: Kind; rowid: number; fields: SqlValue[] }
export type Node = { kind: Kind; leaf: boolean; cells: number[]; children: number[] }

const LARGEST_RECORD = 128 * 1024 * 1024

/** What a page says of itself; undefined where that cannot be. Children of an interior page are in `children`. */
export function readNode(page: Buffer, number: number, pages: Pages): Node | undefined {
  const at = number === 1 ? 100 : 0
  const type = page[at]
  if (type !== 2 && type !== 5 && type !== 10 && type !== 13) return undefined
  const leaf = type >= 10
  const kind: Kind = type === 5 || type === 13 ? 'table' : 'index'
  const count = page.readUInt16BE(at + 3)
  const pointers = at + (leaf ? 8 : 12)
  if (pointers + 2 * count > pages.usable) return undefined
  const cells: number[] = []
  for (let n = 0; n < count; n++) {
    const cell = page.readUInt16BE(pointers + 2 * n)
    if (cell < pointers + 2 * count || cell >= pages.usable) return undefined
    cells.push(cell)
  }
  const isPage = (n: number) => n >= 2 && n <= pages.count
  const children = leaf
    ? []
    : [...cells.map(cell => (cell + 4 <= page.length ? page.readUInt32BE(cell) : 0)), page.readUInt32BE(at + 8)]
  return { kind, leaf, cells, children: children.filter(isPage) }
}

/** The row at an offset of a page. `interior`: of an index, whose inner pages hold rows as well. */
export function readCell(pages: Pages, page: Buffer, offset: number, kind: Kind, interior = false): Cell | undefined {
  const length = varint(page, interior ? offset + 4 : offset)
  if (length === undefined || length.value < 2 || length.value > LARGEST_RECORD) return undefined
  const rowid = kind === 'table' ? varint(page, length.end) : { value: 0, end: length.end }
  if (rowid === undefined) return undefined
  const record = readPayload(pages, page, rowid.end, length.value, kind)
  const fields = record && decode(record)
  return fields && { kind, rowid: rowid.value, fields }
}

/**
 * Rows on a page whose own list of them is damaged: every offset is tried. A record that is none almost never says lengths
 * that come out even; who takes such a row still holds it to its table.
 */
export function scanCells(pages: Pages, page: Buffer): Cell[] {
  const found: Cell[] = []
  for (let offset = 8; offset < pages.usable - 4; offset++) {
    for (const kind of ['table', 'index'] as const) {
      const cell = readCell(pages, page, offset, kind)
      if (cell && cell.fields.length > 1) found.push(cell)
    }
  }
  return found
}

/** https://sqlite.org/fileformat2.html#cell_payload_overflow_pages */
function readPayload(pages: Pages, page: Buffer, at: number, length: number, kind: Kind): Buffer | undefined {
  const { usable } = pages
  const most = kind === 'table' ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23
  if (length <= most) return at + length <= usable ? page.subarray(at, at + length) : undefined
  const least = Math.floor(((usable - 12) * 32) / 255) - 23
  const kept = least + ((length - least) % (usable - 4))
  const local = kept <= most ? kept : least
  if (at + local + 4 > usable) return undefined
  const parts = [page.subarray(at, at + local)]
  let next = page.readUInt32BE(at + local)
  for (let left = length - local; left > 0; ) {
    const overflow = next >= 2 && next <= pages.count ? pages.read(next) : undefined
    if (overflow === undefined) return undefined
    const part = overflow.subarray(4, 4 + Math.min(left, usable - 4))
    parts.push(part)
    left -= part.length
    next = overflow.readUInt32BE(0)
  }
  return Buffer.concat(parts, length)
}

/** https://sqlite.org/fileformat2.html#record_format; undefined unless every length comes out even and text is UTF-8. */
function decode(record: Buffer): SqlValue[] | undefined {
  const header = varint(record, 0)
  if (header === undefined || header.value > record.length || header.value < 1) return undefined
  const fields: SqlValue[] = []
  let at = header.value
  let types = header.end
  while (types < header.value) {
    const type = varint(record, types)
    if (type === undefined || type.end > header.value) return undefined
    types = type.end
    const size = sizeOf(type.value)
    if (size === undefined || at + size > record.length) return undefined
    const value = valueAt(record, type.value, at, size)
    if (value === undefined) return undefined
    fields.push(value)
    at += size
  }
  return at === record.length ? fields : undefined
}

const INTEGER_SIZES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0]

function sizeOf(type: number): number | undefined {
  if (type < 10) return INTEGER_SIZES[type]
  if (type < 12) return undefined
  return (type - (type % 2 === 0 ? 12 : 13)) / 2
}

function valueAt(record: Buffer, type: number, at: number, size: number): SqlValue | undefined {
  if (type === 0) return null
  if (type === 7) return record.readDoubleBE(at)
  if (type === 8 || type === 9) return type - 8
  if (type === 6) return narrow(record.readBigInt64BE(at))
  if (type < 6) return record.readIntBE(at, size)
  const bytes = record.subarray(at, at + size)
  if (type % 2 === 0) return bytes
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined
}

const narrow = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value

/** Up to nine bytes, seven bits each. One beyond 2^53 is none that we wrote. */
function varint(bytes: Buffer, start: number): { value: number; end: number } | undefined {
  let value = 0
  for (let n = 0; n < 8; n++) {
    const byte = bytes[start + n]
    if (byte === undefined) return undefined
    value = value * 128 + (byte & 127)
    if (byte < 128) return value <= Number.MAX_SAFE_INTEGER ? { value, end: start + n + 1 } : undefined
  }
  return undefined
}

import type Database from 'better-sqlite3'
import { openDatabase } from '../sqlite.ts'
import type { SqlValue } from './library.ts'
import { type Cell, type Kind, readCell, readNode, scanCells } from './sqlite-cells.ts'
import { openPages, type Pages } from './sqlite-pages.ts'

/** A table's columns, in the order in which its records hold them. */
export type Shape = { name: string; withoutRowid: boolean; columns: Column[] }
export type Column = { name: string; type: string; notNull: boolean; rowid: boolean }
export type Row = Record<string, SqlValue>

/** What can be read of a broken library without SQLite's help, table by table. */
export type Salvage = {
  /** The file's own tables where it still says them, else those it ought to have. */
  shapes: ReadonlyMap<string, Shape>
  /** Whether every page of the table could be walked to: then what is not in it was deleted, not lost. */
  whole(table: string): boolean
  /** First what the table's own tree leads to, then what lies on pages that no tree leads to any more. */
  rows(table: string): Generator<Row>
  /** Pages that could not be read as what they had to be. */
  damagedPages: number
  pages: number
  close(): void
}

/**
 * Reads `file` and its write-ahead log page by page, as `.recover` does: each table's tree from its root, past every page
 * that is damaged, and then the pages that nothing leads to, whose rows are known by their columns' number and types.
 *
 * @param expected the tables of a library of this app, for a file that no longer says its own.
 */
export function openSalvage(file: string, expected: readonly Shape[]): Salvage {
  const pages = openPages(file)
  const reader = new Reader(pages)
  const schema = readSchema(reader)
  const shapes = new Map(expected.map(shape => [shape.name, schema.shapes.get(shape.name) ?? shape]))
  // Every tree is walked before any row is read, so that it is known which pages are left over.
  const trees = new Map<string, Tree>()
  for (const [name, root] of schema.roots) trees.set(name, reader.walk(root))
  for (const shape of shapes.values()) if (!trees.has(shape.name)) trees.set(shape.name, { cells: [], whole: false })
  const orphans = reader.orphans()
  return {
    shapes,
    whole: table => trees.get(table)?.whole === true && schema.whole && pages.log.damaged === 0,
    rows: function* (table) {
      const shape = shapes.get(table)
      if (!shape) return
      for (const at of trees.get(table)?.cells ?? []) {
        const cell = reader.cell(at)
        const row = cell && rowOf(shape, cell)
        if (row) yield row
      }
      for (const cell of orphans(shape)) {
        const row = rowOf(shape, cell)
        if (row) yield row
      }
    },
    damagedPages: reader.damaged.size + pages.log.damaged,
    pages: pages.count,
    close: () => pages.close(),
  }
}

type Place = { page: number; offset: number; kind: Kind; interior: boolean }
type Tree = { cells: Place[]; whole: boolean }

class Reader {
  readonly pages: Pages
  readonly damaged = new Set<number>()
  readonly #reached = new Set<number>([1])
  #read: { number: number; page: Buffer } | undefined

  constructor(pages: Pages) {
    this.pages = pages
  }

  page(number: number): Buffer | undefined {
    if (this.#read?.number === number) return this.#read.page
    const page = this.pages.read(number)
    if (page) this.#read = { number, page }
    return page
  }

  cell(at: Place): Cell | undefined {
    const page = this.page(at.page)
    return page && readCell(this.pages, page, at.offset, at.kind, at.interior)
  }

  /** Where the rows of a tree are, in its order. */
  walk(root: number): Tree {
    const tree: Tree = { cells: [], whole: true }
    const waiting = [root]
    const kind = this.#node(root)?.kind
    for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
      if (number !== 1 && this.#reached.has(number)) {
        tree.whole = false
        continue
      }
      const node = this.#node(number)
      // A page of another kind was written over; what is on it is looked at with the pages that nothing leads to.
      if (node === undefined || node.kind !== kind) {
        tree.whole = false
        this.damaged.add(number)
        continue
      }
      this.#reached.add(number)
      const expected = node.leaf ? 0 : node.cells.length + 1
      if (node.children.length < expected) {
        tree.whole = false
        this.damaged.add(number)
      }
      const interior = !node.leaf
      if (node.leaf || node.kind === 'index')
        for (const offset of node.cells) {
          const at = { page: number, offset, kind: node.kind, interior }
          tree.cells.push(at)
          if (!this.#followOverflow(at)) {
            tree.whole = false
            this.damaged.add(number)
          }
        }
      for (const child of node.children.toReversed()) waiting.push(child)
    }
    return tree
  }

  /** Rows on pages that no tree leads to and that are not free, by the number of their fields. */
  orphans(): (shape: Shape) => Generator<Cell> {
    const free = this.#freePages()
    const byFields = new Map<number, Set<number>>()
    const left: number[] = []
    for (let number = 1; number <= this.pages.count; number++) {
      if ((this.#reached.has(number) && !this.damaged.has(number)) || free.has(number)) continue
      left.push(number)
    }
    const cellsOf = (number: number): Cell[] => {
      const page = this.page(number)
      if (!page) return []
      const node = readNode(page, number, this.pages)
      const listed = node?.cells.flatMap(
        offset => readCell(this.pages, page, offset, node.kind, !node.leaf && node.kind === 'index') ?? [],
      )
      // Where the list is whole, what else lies on the page was deleted.
      return listed !== undefined && listed.length === node?.cells.length ? listed : scanCells(this.pages, page)
    }
    for (const number of left)
      for (const { fields } of cellsOf(number)) {
        const of = byFields.get(fields.length) ?? new Set()
        byFields.set(fields.length, of.add(number))
      }
    return function* (shape) {
      for (const number of byFields.get(shape.columns.length) ?? [])
        for (const cell of cellsOf(number)) if (fits(shape, cell)) yield cell
    }
  }

  #node(number: number) {
    const page = this.page(number)
    return page && readNode(page, number, this.pages)
  }

  /** Marks the overflow pages of a row as reached; false where the row cannot be read. */
  #followOverflow(at: Place): boolean {
    const seen: number[] = []
    const spy: Pages = {
      ...this.pages,
      read: number => {
        seen.push(number)
        return this.pages.read(number)
      },
    }
    const page = this.page(at.page)
    const cell = page && readCell(spy, page, at.offset, at.kind, at.interior)
    if (cell) for (const number of seen) this.#reached.add(number)
    return cell !== undefined
  }

  /** https://sqlite.org/fileformat2.html#the_freelist: what was deleted, not lost. */
  #freePages(): Set<number> {
    const free = new Set<number>()
    const first = this.page(1)
    if (!first || !this.pages.headed) return free
    let trunk = first.readUInt32BE(32)
    while (trunk >= 2 && trunk <= this.pages.count && !free.has(trunk) && !this.#reached.has(trunk)) {
      const page = this.pages.read(trunk)
      if (!page) break
      free.add(trunk)
      const count = Math.min(page.readUInt32BE(4), Math.floor(this.pages.usable / 4) - 2)
      for (let n = 0; n < count; n++) {
        const leaf = page.readUInt32BE(8 + 4 * n)
        if (leaf >= 2 && leaf <= this.pages.count && !this.#reached.has(leaf)) free.add(leaf)
      }
      trunk = page.readUInt32BE(0)
    }
    return free
  }
}

type Schema = { shapes: Map<string, Shape>; roots: Map<string, number>; whole: boolean }

/** The file's own tables: the first page's tree. */
function readSchema(reader: Reader): Schema {
  const tree = reader.walk(1)
  const roots = new Map<string, number>()
  const shapes = new Map<string, Shape>()
  const scratch = openDatabase(':memory:')
  for (const at of tree.cells) {
    const [type, name, , root, sql] = reader.cell(at)?.fields ?? []
    if (typeof name !== 'string' || typeof root !== 'number' || root < 2) continue
    roots.set(name, root)
    if (type !== 'table' || typeof sql !== 'string' || !/^CREATE TABLE/i.test(sql)) continue
    try {
      scratch.prepare(sql).run()
    } catch {
      // A damaged statement: the table is then read by the columns it ought to have.
    }
  }
  for (const shape of shapesOf(scratch)) shapes.set(shape.name, shape)
  scratch.close()
  return { shapes, roots, whole: tree.whole }
}

/** The tables of a database, as their records hold them: WITHOUT ROWID begins with the key. */
export function shapesOf(db: Database.Database): Shape[] {
  const tables = db
    .prepare<[], { name: string; wr: number }>(
      "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_schema%'",
    )
    .all()
  return tables.map(({ name, wr }) => {
    const columns = db
      .prepare<[string], { name: string; type: string; notnull: number; pk: number }>(
        'SELECT name, type, "notnull", pk FROM pragma_table_info(?)',
      )
      .all(name)
    const keyed = columns.filter(column => column.pk > 0).sort((a, b) => a.pk - b.pk)
    const ordered = wr === 1 ? [...keyed, ...columns.filter(column => column.pk === 0)] : columns
    const alias = wr === 0 && keyed.length === 1 && keyed[0]?.type === 'INTEGER' ? keyed[0].name : undefined
    return {
      name,
      withoutRowid: wr === 1,
      columns: ordered.map(column => ({
        name: column.name,
        type: column.type.toUpperCase(),
        notNull: column.notnull === 1,
        rowid: column.name === alias,
      })),
    }
  })
}

/** Columns added later are missing in older records: they get their default. Undefined where the record is none of the table's. */
function rowOf(shape: Shape, cell: Cell): Row | undefined {
  if (cell.fields.length > shape.columns.length) return undefined
  const row: Row = {}
  for (const [n, column] of shape.columns.entries()) {
    const value = cell.fields[n]
    if (value === undefined) continue
    if (column.rowid) row[column.name] = cell.rowid
    else if (value !== null || !column.notNull) row[column.name] = value
    else return undefined
  }
  return row
}

function fits(shape: Shape, cell: Cell): boolean {
  if (shape.withoutRowid !== (cell.kind === 'index')) return false
  return shape.columns.every((column, n) => {
    const value = cell.fields[n]
    if (column.rowid) return value === null && cell.rowid > 0
    if (value === null || value === undefined) return !column.notNull
    switch (column.type) {
      case 'TEXT':
        return typeof value === 'string'
      case 'INTEGER':
        return typeof value === 'bigint' || Number.isInteger(value)
      case 'REAL':
        return typeof value === 'number'
      case 'BLOB':
        return Buffer.isBuffer(value)
      default:
        return true
    }
  })
}

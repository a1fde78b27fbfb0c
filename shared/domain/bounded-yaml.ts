/**
 * YAML read within limits that are checked on its tokens, before the parser builds anything: the parser recurses with the depth, looks
 * every alias up in the whole document, and compares each key with all others, so hostile text of a few kilobytes costs it seconds.
 */
import { type Alias, CST, type Document, isAlias, isScalar, Lexer, parseDocument, visit } from 'yaml'

export type YamlLimits = {
  /** UTF-16 units. */
  characters: number
  /** Lexical tokens (YAML 1.2, chapter 6): what parsing costs goes by them. */
  tokens: number
  /** Levels of collections inside each other, whether by brackets or by indentation. */
  depth: number
  /** `*name` in all, used or not. */
  aliases: number
}

export type YamlExcess = { limit: keyof YamlLimits; most: number; offset: number }
export type YamlOptions = { merge?: boolean }

/** The document, whose `errors` may say that it is none; or which limit it exceeds, and where. Throws where the parser does. */
export function parseWithin(
  source: string,
  limits: YamlLimits,
  options: YamlOptions = {},
): { document: Document.Parsed } | { excess: YamlExcess } {
  const excess = excessOf(source, limits)
  if (excess) return { excess }
  const document = parseDocument(source, {
    version: '1.2',
    prettyErrors: false,
    logLevel: 'silent',
    // Its own check compares each key with every other one: `duplicateKey` does it by a set.
    uniqueKeys: false,
    ...options,
  })
  return { document }
}

/** The first limit that a text exceeds. Linear, and ends at the limit. */
export function excessOf(source: string, limits: YamlLimits): YamlExcess | undefined {
  const over = (limit: keyof YamlLimits, offset: number): YamlExcess => ({ limit, most: limits[limit], offset })
  if (source.length > limits.characters) return over('characters', 0)
  const depth = new Depth()
  let offset = 0
  let tokens = 0
  let aliases = 0
  let isText = false
  for (const token of new Lexer().lex(source)) {
    if (++tokens > limits.tokens) return over('tokens', offset)
    // What follows a mark is a scalar's text, whatever character it starts with.
    const kind: string | null = isText ? 'text' : CST.tokenType(token)
    isText = kind === 'scalar'
    if (MARKS.has(kind)) continue
    if (kind === 'alias' && ++aliases > limits.aliases) return over('aliases', offset)
    if (depth.after(kind, token) > limits.depth) return over('depth', offset)
    offset += token.length
  }
  return undefined
}

/** Tokens that the lexer adds: no text of the source. */
const MARKS: ReadonlySet<string | null> = new Set(['doc-mode', 'flow-error-end', 'scalar'])

/** How many collections are open, told from tokens: by their indentation, by indicators in one line, and by brackets. */
class Depth {
  /** The columns at which the open collections begin. */
  #columns: number[] = []
  #column = 0
  /** Nothing but blanks since the line began. */
  #fresh = true
  /** `key: key: key:` in one line. */
  #colons = 0
  #brackets = 0

  after(kind: string | null, token: string): number {
    const blank = kind === 'space' || kind === 'newline' || kind === 'comment'
    if (this.#brackets === 0 && !blank) {
      if (this.#fresh) this.#leave(this.#column)
      if (this.#fresh || kind === 'seq-item-ind' || kind === 'explicit-key-ind') this.#columns.push(this.#column)
      if (kind === 'map-value-ind') this.#colons += 1
    }
    if (!blank) this.#fresh = false
    if (kind === 'flow-seq-start' || kind === 'flow-map-start') this.#brackets += 1
    else if ((kind === 'flow-seq-end' || kind === 'flow-map-end') && this.#brackets > 0) this.#brackets -= 1
    this.#move(token)
    return this.#sum()
  }

  #sum(): number {
    return this.#columns.length + this.#brackets + Math.max(0, this.#colons - 1)
  }

  /** Whatever began at this column or to the right of it has ended. */
  #leave(column: number): void {
    while ((this.#columns.at(-1) ?? -1) >= column) this.#columns.pop()
  }

  #move(token: string): void {
    const lineBreak = token.lastIndexOf('\n')
    if (lineBreak === -1) this.#column += token.length
    else {
      this.#column = token.length - lineBreak - 1
      this.#fresh = true
      this.#colons = 0
    }
  }
}

/** Where a map has a key for the second time: as offset into the source. */
export function duplicateKey(document: Document.Parsed): number | undefined {
  let found: number | undefined
  visit(document, {
    Map(_, map) {
      const keys = new Set<unknown>()
      for (const { key } of map.items) {
        if (!isScalar(key)) continue
        if (keys.has(key.value)) {
          found = key.range?.[0] ?? 0
          return visit.BREAK
        }
        keys.add(key.value)
      }
      return undefined
    },
  })
  return found
}

/** The first `*name` without its `&name` before it. One walk for all of them. */
export function lostAlias(document: Document.Parsed): Alias | undefined {
  const anchors = new Set<string>()
  let lost: Alias | undefined
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) {
        if (anchors.has(node.source)) return undefined
        lost = node
        return visit.BREAK
      }
      if (node.anchor !== undefined) anchors.add(node.anchor)
      return undefined
    },
  })
  return lost
}

/** Lines as small integers: equal lines have equal numbers, on both sides. */

export type Interned = { a: Int32Array; b: Int32Array; symbols: number }

export function internLines(a: readonly string[], b: readonly string[], ignoreWhitespace: boolean): Interned {
  const ids = new Map<string, number>()
  const intern = (lines: readonly string[]) => {
    const symbols = new Int32Array(lines.length)
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] ?? ''
      const key = ignoreWhitespace ? withoutSpaceDifferences(line) : line
      let id = ids.get(key)
      if (id === undefined) {
        id = ids.size
        ids.set(key, id)
      }
      symbols[i] = id
    }
    return symbols
  }
  const left = intern(a)
  const right = intern(b)
  return { a: left, b: right, symbols: ids.size }
}

/** The line without white space at its ends and with one space for every run inside. */
export const withoutSpaceDifferences = (line: string): string => line.replace(/\s+/g, ' ').trim()

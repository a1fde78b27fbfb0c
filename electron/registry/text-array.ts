const TEXT = 25
const HEADER = 20

/**
 * One column of a page as a `text[]` in Postgres's binary format (array_recv): dimensions 1, whether there are NULLs, the
 * element type, length, lower bound, then each element's bytes behind their length, -1 for NULL. `pg` sends a Buffer as it
 * is; the text format would be quoted here and unquoted there, character by character, which takes longer than storing it.
 */
export function textArray<K extends string>(page: readonly Record<K, string | null>[], column: K): Buffer {
  // UTF-8 has at most three bytes for each UTF-16 unit.
  let most = HEADER
  for (const row of page) most += 4 + 3 * (row[column]?.length ?? 0)
  const bytes = Buffer.allocUnsafe(most)
  let nulls = 0
  let at = HEADER
  for (const row of page) {
    const value = row[column]
    if (value === null) nulls = 1
    const length = value === null ? -1 : bytes.write(value, at + 4, 'utf8')
    bytes.writeInt32BE(length, at)
    at += 4 + Math.max(length, 0)
  }
  for (const [n, word] of [1, nulls, TEXT, page.length, 1].entries()) bytes.writeInt32BE(word, 4 * n)
  return bytes.subarray(0, at)
}

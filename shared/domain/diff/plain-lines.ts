/** Which lines say nothing by themselves, so that keeping one in the middle of rewritten text would only break it up. */

const WORD = /[\p{L}\p{N}]/u
/** A fence with or without a language, also inside a list or a quotation. */
const FENCE = /^[\s>]*(?:`{3,}|~{3,})[\w+-]*\s*$/

/** A blank line, a brace, a rule or a fence: no letter or digit, or code's beginning. */
export const isPlain = (line: string): boolean => !WORD.test(line) || FENCE.test(line)

const UNKNOWN = 0
const SAYS_NOTHING = 1
const SAYS_SOMETHING = 2

/** Says of line `at` of `symbols` (equal lines have equal symbols) whether it is plain; each distinct line is read once. */
export function plainLines(
  symbols: Int32Array,
  count: number,
  lineAt: (at: number) => string,
): (at: number) => boolean {
  const known = new Uint8Array(count)
  return at => {
    const symbol = symbols[at] ?? 0
    if (known[symbol] === UNKNOWN) known[symbol] = isPlain(lineAt(at)) ? SAYS_NOTHING : SAYS_SOMETHING
    return known[symbol] === SAYS_NOTHING
  }
}

/** An editor keeps an object for each line: of a text with more lines than this the first are shown, to read. */
export const MOST_LINES = 100_000

/** Where the text is cut; undefined where it is shown whole. Looks no further than there. */
export function cutAfterLines(text: string, most: number = MOST_LINES): number | undefined {
  if (text.length <= most) return undefined
  let at = -1
  for (let line = 0; line < most; line++) {
    at = text.indexOf('\n', at + 1)
    if (at === -1) return undefined
  }
  return at + 1 === text.length ? undefined : at
}

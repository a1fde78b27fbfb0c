/** Where a text is cut that has more lines than `most`; undefined where it is whole. Looks no further than there. */
export function cutAfterLines(text: string, most: number): number | undefined {
  if (text.length <= most) return undefined
  let at = -1
  for (let line = 0; line < most; line++) {
    at = text.indexOf('\n', at + 1)
    if (at === -1) return undefined
  }
  return at + 1 === text.length ? undefined : at
}

/** Where in a Markdown text line breaks mean something: between fences, where code is. */

/** A function that says whether an offset of `text` is outside of fenced code; the text is read when it is first asked. */
export function outsideFences(text: string): (offset: number) => boolean {
  let fences: number[] | undefined
  return offset => {
    fences ??= fencesOf(text)
    let lo = 0
    let hi = fences.length
    while (lo < hi) {
      const middle = (lo + hi) >> 1
      if ((fences[middle] ?? 0) < offset) lo = middle + 1
      else hi = middle
    }
    return lo % 2 === 0
  }
}

/** Offsets of the lines that open and close fenced code, in turn (CommonMark, section 4.5; also inside lists and quotations). */
function fencesOf(text: string): number[] {
  const fences: number[] = []
  let open: string | undefined
  for (const { index, 1: fence = '', 2: info = '' } of text.matchAll(/^[ \t>]*(`{3,}|~{3,})(.*)$/gm)) {
    if (open === undefined) open = fence
    else if (fence.startsWith(open) && info.trim() === '') open = undefined
    else continue
    fences.push(index)
  }
  return fences
}

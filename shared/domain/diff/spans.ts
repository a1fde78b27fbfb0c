/** An alignment's marks as ranges. */

import type { Span } from './lines.ts'

/** The runs of marked elements as ranges. */
export function spansOf(aOut: Uint8Array, bOut: Uint8Array): Span[] {
  const spans: Span[] = []
  let i = 0
  let j = 0
  while (i < aOut.length || j < bOut.length) {
    if (aOut[i] === 1 || bOut[j] === 1) {
      const aStart = i
      const bStart = j
      while (i < aOut.length && aOut[i] === 1) i++
      while (j < bOut.length && bOut[j] === 1) j++
      spans.push({ aStart, aEnd: i, bStart, bEnd: j })
    } else {
      i++
      j++
    }
  }
  return spans
}

/**
 * So many points that most lie on top of others: one for each occupied cell of a fine grid, in whose middle it stands; as x, y, x, y … .
 * Nothing that could be seen is lost, and drawing costs what the screen holds, not what was measured.
 */
export function thin(points: readonly (readonly [number, number])[], columns = 300, rows = 100): Float64Array {
  let [left, right, low, high] = [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]
  for (const [x, y] of points) {
    if (x < left) left = x
    if (x > right) right = x
    if (y < low) low = y
    if (y > high) high = y
  }
  const wide = (right - left) / columns || 1
  const tall = (high - low) / rows || 1
  const occupied = new Set<number>()
  for (const [x, y] of points)
    occupied.add(Math.floor((y - low) / tall) * (columns + 1) + Math.floor((x - left) / wide))
  const thinned = new Float64Array(occupied.size * 2)
  let at = 0
  for (const cell of occupied) {
    thinned[at++] = left + ((cell % (columns + 1)) + 0.5) * wide
    thinned[at++] = low + (Math.floor(cell / (columns + 1)) + 0.5) * tall
  }
  return thinned
}

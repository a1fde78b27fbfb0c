/**
 * So many points that most lie on top of others: one for each occupied cell of a fine grid, in whose middle it stands.
 * Nothing that could be seen is lost, and drawing costs what the screen holds, not what was measured.
 */
export function thin(points: readonly (readonly [number, number])[], columns = 400, rows = 160): [number, number][] {
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
  return [...occupied].map(cell => [
    left + ((cell % (columns + 1)) + 0.5) * wide,
    low + (Math.floor(cell / (columns + 1)) + 0.5) * tall,
  ])
}

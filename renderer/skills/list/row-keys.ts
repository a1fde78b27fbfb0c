/** Where a key takes the active row, in a list of `count` rows of which `page` fit the screen; undefined for other keys. */
export function rowAfterKey(key: string, active: number, count: number, page: number): number | undefined {
  if (count === 0) return undefined
  const clamp = (index: number) => Math.min(count - 1, Math.max(0, index))
  const jump = Math.max(1, page - 1)
  switch (key) {
    case 'ArrowDown':
      return clamp(active + 1)
    case 'ArrowUp':
      return clamp(active - 1)
    case 'PageDown':
      return clamp(active + jump)
    case 'PageUp':
      return clamp(active - jump)
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}

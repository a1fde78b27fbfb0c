/** Numbers that look like chance and depend on their name alone: no state, so adding a row moves no other. */

/** Evenly from 0 up to 1: FNV-1a over the name, mixed as murmur3 does at its end. Integers only, so equal everywhere. */
function fraction(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

export const between = (name: string, low: number, high: number): number => low + fraction(name) * (high - low)

export const chance = (name: string, share: number): boolean => fraction(name) < share

/** Mean 0, standard deviation 1, never beyond ±3.5: four even draws added, no logarithm that could differ by machine. */
export const bell = (name: string): number =>
  [0, 1, 2, 3].reduce((sum, n) => sum + fraction(`${name}#${n}`) - 0.5, 0) * Math.sqrt(3)

export function pick<T>(name: string, items: readonly T[]): T {
  const item = items[Math.floor(fraction(name) * items.length)]
  if (item === undefined) throw new Error('There is nothing to pick from.')
  return item
}

import { ONE_IN_ALL, randomFrom } from '../../shared/domain/stats/random.ts'

/** Random values for simulations, the same from a seed on every machine. */
export type Draw = ReturnType<typeof drawFrom>
export function drawFrom(seed: number) {
  const random = randomFrom(seed)
  const numbers = new Uint32Array(1_024)
  let used = numbers.length
  const uniform = () => {
    if (used === numbers.length) {
      random(numbers)
      used = 0
    }
    return ((numbers[used++] ?? 0) + 0.5) * ONE_IN_ALL
  }
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  return { uniform, normal, exponential: () => -Math.log(uniform()) }
}

export const times = <T>(n: number, make: (at: number) => T): T[] => Array.from({ length: n }, (_, at) => make(at))

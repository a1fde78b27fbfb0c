/** A source of random 32-bit integers: each call gives the next, 0 … 2³² − 1. */
export type Random = () => number

/** One in 2³². */
export const ONE_IN_ALL = 2 ** -32

/**
 * sfc32 (Chris Doty-Humphrey's Small Fast Chaotic generator, of PractRand; period about 2¹²⁷), its state filled from the
 * seed by splitmix32 and run in 12 times. Only whole-number operations: the same numbers from a seed on every machine.
 */
export function randomFrom(seed: number): Random {
  let s = seed | 0
  const mixed = () => {
    s = (s + 0x9e3779b9) | 0
    let z = s
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return z ^ (z >>> 15)
  }
  let a = mixed()
  let b = mixed()
  let c = mixed()
  let counter = 1
  const next = () => {
    const out = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + out) | 0
    return out >>> 0
  }
  for (let i = 0; i < 12; i++) next()
  return next
}

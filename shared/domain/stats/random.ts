/**
 * Fills with the next random 32-bit integers, 0 … 2³² − 1. Many at once, because where pointers are compressed, as in Electron,
 * state of more than 31 bits that is kept between calls costs an allocation each: three times as slow.
 */
export type Random = (into: Uint32Array) => void

/** One in 2³². */
export const ONE_IN_ALL = 2 ** -32

/**
 * sfc32 (Chris Doty-Humphrey's Small Fast Chaotic generator, of PractRand; period about 2¹²⁷), its state filled from the
 * seed by splitmix32 and run in 12 times. Only whole-number operations: the same numbers from a seed on every machine,
 * however many are taken at once.
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
  let [stateA, stateB, stateC, calls] = [mixed(), mixed(), mixed(), 1]
  const random = (into: Uint32Array) => {
    let a = stateA
    let b = stateB
    let c = stateC
    let counter = calls
    for (let i = 0; i < into.length; i++) {
      const out = (((a + b) | 0) + counter) | 0
      counter = (counter + 1) | 0
      a = b ^ (b >>> 9)
      b = (c + (c << 3)) | 0
      c = (((c << 21) | (c >>> 11)) + out) | 0
      into[i] = out
    }
    stateA = a
    stateB = b
    stateC = c
    calls = counter
  }
  random(new Uint32Array(12))
  return random
}

/**
 * Two stretches of symbols to be aligned. Symbols whose partner is nowhere in the other stretch were taken out, so
 * `aAt[i]` says where `a[i]` stands in the whole. All ranges are half-open.
 */
export type Box = {
  a: Int32Array
  b: Int32Array
  aAt: Int32Array
  bAt: Int32Array
  aLo: number
  aHi: number
  bLo: number
  bHi: number
}

/** What an alignment leaves out: 1 where the element of the whole has no partner. */
export class Marks {
  readonly a: Uint8Array
  readonly b: Uint8Array

  constructor(aLength: number, bLength: number) {
    this.a = new Uint8Array(aLength)
    this.b = new Uint8Array(bLength)
  }

  outA(box: Box, lo: number, hi: number): void {
    for (let i = lo; i < hi; i++) this.a[box.aAt[i] ?? 0] = 1
  }

  outB(box: Box, lo: number, hi: number): void {
    for (let i = lo; i < hi; i++) this.b[box.bAt[i] ?? 0] = 1
  }
}

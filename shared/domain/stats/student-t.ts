import quantile from '@stdlib/stats-base-dists-normal-quantile'

/**
 * The value that Student's t with `df` degrees of freedom stays below with probability `share`, 0.5 ≤ share < 1. By G. W.
 * Hill, Algorithm 396, Communications of the ACM 13 (1970), 619–620: right to 5 digits or better; a fraction of a degree
 * below 3 is dropped, where the algorithm is rough, which errs to the careful side. df < 1 throws a RangeError.
 */
export function studentQuantile(share: number, df: number): number {
  if (!(df >= 1)) throw new RangeError(`Student's t has no ${df} degrees of freedom`)
  if (!(share >= 0.5 && share < 1)) throw new RangeError(`${share} is no upper share`)
  const both = 2 * (1 - share)
  const n = df < 3 ? Math.floor(df) : df
  if (n === 1) return 1 / Math.tan((both * Math.PI) / 2)
  if (n === 2) return Math.sqrt(2 / (both * (2 - both)) - 2)
  return hill(both, n)
}

/** Names, numbers and order as published. */
function hill(p: number, n: number): number {
  const a = 1 / (n - 0.5)
  const b = 48 / (a * a)
  let c = (((20_700 * a) / b - 98) * a - 16) * a + 96.36
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * n
  let y = (d * p) ** (2 / n)
  if (y > 0.05 + a) {
    const x = quantile(p / 2, 0, 1)
    y = x * x
    if (n < 5) c += 0.3 * (n - 4.5) * (x + 0.6)
    c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
    y = Math.expm1(a * y * y)
  } else {
    const inner = 1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)
    y = ((inner * y - 1) * (n + 1)) / (n + 2) + 1 / y
  }
  return Math.sqrt(n * y)
}

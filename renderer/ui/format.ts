/** How figures are written, everywhere. Unknown (null) is an en dash, never 0; a minus is a minus sign, not a hyphen. */
export const UNKNOWN = '–'

type Figure = number | null | undefined

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const minus = (text: string): string => text.replace('-', '−')
const known = (value: Figure): value is number => value !== null && value !== undefined && Number.isFinite(value)

/** 3562 → '3,562'. */
export const formatNumber = (value: Figure): string => (known(value) ? minus(whole.format(value)) : UNKNOWN)

/** 92 → '92', 3_140 → '3.1k', 11_800 → '11.8k', 2_000_000 → '2M'. */
export function compact(value: Figure): string {
  if (!known(value)) return UNKNOWN
  const size = Math.abs(value)
  if (size < 999.5) return minus(String(Math.round(value)))
  const [unit, letter] = size < 999_500 ? [1_000, 'k'] : [1_000_000, 'M']
  const scaled = value / unit
  const digits = Math.abs(scaled) < 99.95 ? 1 : 0
  return `${minus(scaled.toFixed(digits).replace(/\.0$/, ''))}${letter}`
}

/** Token counts are estimates and say so: '≈ 3.1k'. */
export const tokens = (value: Figure): string => (known(value) ? `≈ ${compact(value)}` : UNKNOWN)

/**
 * Microcents as money: 410_000 → '0.41¢', 120_000_000 → '$1.20', 3_100 → '0.0031¢'. 1 microcent = $0.00000001, so a cent
 * has a million.
 */
export function money(microcents: Figure): string {
  if (!known(microcents)) return UNKNOWN
  const size = Math.abs(microcents)
  const sign = microcents < 0 ? '−' : ''
  if (size === 0) return '0¢'
  // Where rounding to a hundredth of a cent would reach a dollar, it is said as one.
  if (size >= 99_995_000) return `${sign}$${(size / 100_000_000).toLocaleString('en', twoPlaces)}`
  const cents = size / 1_000_000
  if (cents >= 0.1) return `${sign}${cents.toFixed(2)}¢`
  return `${sign}${Number(cents.toPrecision(2)).toFixed(placesOf(cents))}¢`
}
const twoPlaces = { minimumFractionDigits: 2, maximumFractionDigits: 2 } as const
/** Decimals that keep two significant digits of a number below 0.1; a microcent has six. */
const placesOf = (cents: number): number => Math.min(6, 1 - Math.floor(Math.log10(cents)))

/** Stars come × 100: 425 → '4.3'. */
export const stars = (hundredths: Figure): string =>
  known(hundredths) ? (Math.round(hundredths / 10) / 10).toFixed(1) : UNKNOWN

/** Quality 0–100: 76.6 → '77'. */
export const quality = (score: Figure): string => (known(score) ? String(Math.round(score)) : UNKNOWN)

/** 2_097_152 → '2.0 MB'. Units of 1,024, as file managers of most systems count. */
export function bytes(size: Figure): string {
  if (!known(size)) return UNKNOWN
  if (size < 1024) return `${size} B`
  const units = ['KB', 'MB', 'GB', 'TB']
  let scaled = size / 1024
  let unit = 0
  while (scaled >= 1023.95 && unit < units.length - 1) {
    scaled /= 1024
    unit += 1
  }
  return `${scaled.toFixed(scaled < 9.95 ? 1 : 0)} ${units[unit]}`
}

/** A difference, with its sign: 212 → '+212', −48 → '−48', 0 → '±0'. `write` formats the size. */
export function signed(value: Figure, write: (size: number) => string = formatNumber): string {
  if (!known(value)) return UNKNOWN
  return value === 0 ? '±0' : `${value > 0 ? '+' : '−'}${write(Math.abs(value))}`
}

/** '1 skill', '484 skills', '3,562 versions'. */
export const count = (value: number, one: string, many = `${one}s`): string =>
  `${formatNumber(value)} ${value === 1 ? one : many}`

import fc from 'fast-check'

/**
 * Properties are tried with the same examples each time, so that what is red is red again; `WHETSTONE_SEED=random` (or a
 * number) looks for others.
 */
const { WHETSTONE_SEED: wanted = '1' } = process.env
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) })

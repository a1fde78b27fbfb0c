import { describe } from 'vitest'
import { testHistories } from './simulate.ts'

/** The other half, in a file of its own, so that it runs on another core. */
describe('any other history of several computers and one registry', () => testHistories(1_001_000, 1_000))

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of the test's own, which the test removes. Apart from `backend.ts`, for tests that need nothing of it. */
export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'whetstone-test-'))

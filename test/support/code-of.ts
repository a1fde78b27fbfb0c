import { ORPCError } from '@orpc/server'

/** The code of an expected failure, 'done' where there was none; a bug is thrown on. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'done'
  } catch (error) {
    if (error instanceof ORPCError && error.defined) return error.code
    throw error
  }
}

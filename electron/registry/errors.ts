/** SQLSTATE of a failed statement, or Node's code of a failed connection; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

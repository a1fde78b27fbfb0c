import { isExpected, sayError } from '../api.ts'

/** An error's three parts, where it brings them. */
export function partsOf(error: unknown): { happened: string; kept?: string; todo?: string } {
  if (!isExpected(error)) return { happened: sayError(error) }
  const { data } = error
  const part = (name: 'happened' | 'kept' | 'todo') => {
    const value: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, name) : undefined
    return typeof value === 'string' ? { [name]: value } : {}
  }
  return { happened: sayError(error), ...part('happened'), ...part('kept'), ...part('todo') }
}

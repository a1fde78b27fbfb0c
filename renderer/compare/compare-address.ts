import { address, readCompareView } from '../routes.ts'
import type { CompareState } from './compare-view.tsx'

/** A compare address also says how the text is laid out; side by side is not written. */
export function readCompareState(searchText: string): CompareState {
  const mode = new URLSearchParams(searchText).get('mode') === 'inline' ? 'inline' : 'side'
  return { ...readCompareView(searchText), mode }
}

export const withMode = (path: string, mode: CompareState['mode']): string =>
  mode === 'side' ? path : `${path}${path.includes('?') ? '&' : '?'}mode=inline`

/** Two files that only the page knows: the address says that much, so that a reload can say what it forgot. */
export const readsPair = (searchText: string): boolean => new URLSearchParams(searchText).get('pair') === 'files'

export const pairAddress = (mode: CompareState['mode']): string => withMode(`${address.compare()}?pair=files`, mode)

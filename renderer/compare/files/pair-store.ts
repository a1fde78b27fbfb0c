import { create } from 'zustand'
import { type PageFile, readPageFile } from './read-file.ts'

export type PairSide = 'left' | 'right'

/** The two files that are compared in the page alone; a reload forgets them. */
type Pair = { left: PageFile | undefined; right: PageFile | undefined }
const NONE: Pair = { left: undefined, right: undefined }

export const usePair = create<Pair>(() => NONE)

export const swapPair = (): void => usePair.setState(({ left, right }) => ({ left: right, right: left }))
export const forgetPair = (): void => usePair.setState(NONE)

export async function putFile(side: PairSide, file: File): Promise<void> {
  const read = await readPageFile(file)
  usePair.setState(side === 'left' ? { left: read } : { right: read })
}

/**
 * Takes dropped files: two at once are left and right, one alone goes to the side that is still empty, or to `nearest` when
 * neither is. Files beyond the second are left out.
 */
export async function takeDropped(files: readonly File[], nearest: PairSide): Promise<void> {
  const [first, second] = files
  if (first === undefined) return
  if (second !== undefined) {
    const [left, right] = await Promise.all([readPageFile(first), readPageFile(second)])
    return usePair.setState({ left, right })
  }
  const { left, right } = usePair.getState()
  await putFile(left === undefined ? 'left' : right === undefined ? 'right' : nearest, first)
}

import { diffText, type TextDiffOptions } from '../../../shared/domain/diff/text.ts'

export type DiffRequest = { id: number; a: string; b: string; options: TextDiffOptions }

self.onmessage = (event: MessageEvent<DiffRequest>) => {
  const { id, a, b, options } = event.data
  self.postMessage({ id, diff: diffText(a, b, options) })
}

import { type Merged, mergeTexts, type Texts } from './merge-texts.ts'

export type MergeRequest = { id: number; texts: Texts }
export type MergeAnswer = { id: number; merged: Merged }

self.onmessage = (event: MessageEvent<MergeRequest>) => {
  const { id, texts } = event.data
  const answer: MergeAnswer = { id, merged: mergeTexts(texts) }
  self.postMessage(answer)
}

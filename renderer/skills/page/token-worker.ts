import { countTokens } from '../../../shared/domain/tokens.ts'

self.onmessage = (event: MessageEvent<{ id: number; text: string }>) => {
  const { id, text } = event.data
  self.postMessage({ id, tokens: countTokens(text) })
}

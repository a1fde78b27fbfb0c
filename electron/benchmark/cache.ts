import { hash } from 'node:crypto'
import type { ModelQuestion } from './model.ts'

/**
 * The name of an answer: SHA-256 of everything that could change it: whose model at which address, the whole question with
 * its tools and settings, and which repeat it is, so that repeats are asked anew and a repeated run is not.
 */
export function replyKey(
  model: { kind: string; baseUrl: string | null; model: string },
  question: ModelQuestion,
  repeat: number,
): string {
  const { messages, tools, toolChoice = 'auto', maxOutputTokens, temperature = null } = question
  return hash(
    'sha256',
    JSON.stringify([
      1,
      model.kind,
      model.baseUrl,
      model.model,
      repeat,
      maxOutputTokens,
      temperature,
      toolChoice,
      tools,
      messages,
    ]),
    'hex',
  )
}

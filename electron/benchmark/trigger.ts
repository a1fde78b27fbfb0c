import { hash } from 'node:crypto'
import { z } from 'zod'
import { countTokens } from '../../shared/domain/tokens.ts'
import { listing, USE_SKILL, USE_SKILL_TOOL } from './give-skill.ts'
import { inputOf, type ModelQuestion, type ModelReply, toolCallsOf } from './model.ts'

export type Described = { name: string; description: string }

const MOST_TOKENS = 1_024

/**
 * What a model sees when it has to choose: the same words, list and tool as in a run. The skills are in the order of their
 * names, so that the place in the list is no author's advantage and the same set is always the same question.
 */
export function triggerQuestion(skills: readonly Described[], prompt: string): ModelQuestion {
  const sorted = [...skills].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return {
    messages: [
      {
        role: 'system',
        content: `You are an assistant that carries out the task a person gives you.\n\n${listing(sorted)}`,
      },
      { role: 'user', content: [{ type: 'text', text: prompt }] },
    ],
    tools: [USE_SKILL_TOOL],
    maxOutputTokens: MOST_TOKENS,
  }
}

/** What asking it costs, in tokens: the list is the same in each question, so it is counted once by who asks for many. */
export const tokensOfQuestion = ({ messages, tools }: ModelQuestion): number =>
  countTokens(
    messages
      .map(message => (typeof message.content === 'string' ? message.content : JSON.stringify(message.content)))
      .join('\n'),
  ) + countTokens(JSON.stringify(tools))

const used = z.object({ name: z.string() })

/** The first skill it asked for; '' where it asked for none. */
export function chosenIn(reply: ModelReply): string {
  for (const call of toolCallsOf(reply)) {
    if (call.name !== USE_SKILL) continue
    const input = used.safeParse(inputOf(call))
    if (input.success) return input.data.name
  }
  return ''
}

/** Only scores among the same others are one figure. */
export const amongHash = (others: readonly Described[]): string =>
  hash('sha256', JSON.stringify(others.map(one => [one.name, one.description]).sort()), 'hex')

export const descriptionHash = (of: Described): string =>
  hash('sha256', JSON.stringify([of.name, of.description]), 'hex')

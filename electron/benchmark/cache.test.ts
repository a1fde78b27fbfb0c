import { expect, test } from 'vitest'
import { replyKey } from './cache.ts'
import { systemOf, userOf } from './give-skill.ts'
import type { ModelQuestion } from './model.ts'

const file = (text: string) => ({ path: 'a.md', size: text.length, executable: false, text: () => text })
const skill = (body: string, description = 'D', text = 'T') => ({
  name: 'brief',
  description,
  body,
  files: [file(text)],
})
const model = { kind: 'compatible', baseUrl: 'http://127.0.0.1/v1', model: 'north' }
const question = (
  over: Partial<ModelQuestion> = {},
  of = skill('B'),
  manner: 'progressive' | 'inlined' = 'progressive',
  prompt = 'P',
): ModelQuestion => {
  const { system, tools } = systemOf([of], manner)
  return { messages: [system, userOf({ prompt, files: [] })], tools, maxOutputTokens: 100, ...over }
}

test('the same question has one name; whatever could change the answer gives another', () => {
  const key = replyKey(model, question(), 1)
  expect(replyKey({ ...model }, question(), 1)).toBe(key)
  expect(key).toMatch(/^[0-9a-f]{64}$/)
  const others = [
    replyKey({ ...model, model: 'south' }, question(), 1),
    replyKey({ ...model, baseUrl: null }, question(), 1),
    replyKey({ ...model, kind: 'openai' }, question(), 1),
    replyKey(model, question(), 2),
    replyKey(model, question({ temperature: 0 }), 1),
    replyKey(model, question({ maxOutputTokens: 101 }), 1),
    replyKey(model, question({ toolChoice: 'none' }), 1),
    replyKey(model, question({ tools: [] }), 1),
    replyKey(model, question({}, skill('B', 'Another description')), 1),
    replyKey(model, question({}, skill('B'), 'progressive', 'Another prompt'), 1),
    replyKey(model, question({}, skill('B'), 'inlined'), 1),
  ]
  expect(new Set([key, ...others]).size).toBe(others.length + 1)
})

test('what the model has not seen yet is no part of the name: a body that changed matters once it is asked for', () => {
  expect(replyKey(model, question({}, skill('One')), 1)).toBe(replyKey(model, question({}, skill('Two')), 1))
  const inlined = (of: ReturnType<typeof skill>) => replyKey(model, question({}, of, 'inlined'), 1)
  expect(inlined(skill('One'))).not.toBe(inlined(skill('Two')))
  expect(inlined(skill('One', 'D', 'file one'))).not.toBe(inlined(skill('One', 'D', 'file two')))
})

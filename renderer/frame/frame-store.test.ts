import { expect, test } from 'vitest'
import { putFirst, type Recent } from './frame-store.ts'

const recent = (skillId: string, name = skillId): Recent => ({ skillId, tenantId: 't', name })

test('a visit comes first, once, under its newest name, and the list does not grow for ever', () => {
  const renamed = putFirst([recent('a'), recent('b')], recent('b', 'B'))
  expect(renamed).toEqual([recent('b', 'B'), recent('a')])
  const many = Array.from({ length: 40 }, (_, index) => recent(String(index))).reduce<Recent[]>(putFirst, [])
  expect(many).toHaveLength(30)
  expect(many[0]?.skillId).toBe('39')
})

import { expect, test } from 'vitest'
import { folderOf, sayOrigin } from './origin.ts'

test('an origin is said without its technical parts', () => {
  expect(sayOrigin('git:6808c754ba49abaf518e2eece0b4b66f0fec43da:skills/pdf')).toBe('git, skills/pdf')
  expect(sayOrigin('folder:/home/ann/skills/pdf')).toBe('/home/ann/skills/pdf')
  expect(sayOrigin('something else')).toBe('something else')
})

test('only a folder can be shown in the file manager', () => {
  expect(folderOf('folder:/home/ann/skills/pdf')).toBe('/home/ann/skills/pdf')
  expect(folderOf('C:\\skills\\pdf')).toBe('C:\\skills\\pdf')
  expect(folderOf('git:6808c75:skills/pdf')).toBeUndefined()
})

import { expect, test } from 'vitest'
import { isOurs, mayLoad } from './origin.ts'

test.each([
  ['app://whetstone/', true],
  ['app://whetstone/skill/x?y#z', true],
  ['app://whetstone.evil/', false],
  ['app://evil/whetstone', false],
  ['app://name@whetstone/', false],
  ['app://whetstone:80/', false],
  ['https://whetstone/', false],
  ['file:///app://whetstone/', false],
  ['about:blank', false],
  ['data:text/html,app://whetstone/', false],
  ['', false],
  ['not an address', false],
])('%s is ours: %s', (address, ours) => {
  expect(isOurs(address)).toBe(ours)
})

test.each([
  ['app://whetstone/assets/a.js', true],
  ['data:image/png;base64,AA', true],
  ['blob:app://whetstone/1', true],
  ['https://example.com/', false],
  ['http://127.0.0.1/', false],
  ['ws://example.com/', false],
  ['file:///etc/passwd', false],
  ['app://evil/', false],
  ['', false],
])('the page may load %s: %s', (address, may) => {
  expect(mayLoad(address, undefined)).toBe(may)
})

test('while developing, Vite’s server and nothing else', () => {
  const vite = 'http://localhost:5173'
  expect(mayLoad('ws://localhost:5173/?token=1', vite)).toBe(true)
  expect(mayLoad('http://localhost:5174/', vite)).toBe(false)
  expect(mayLoad('https://example.com/', vite)).toBe(false)
})

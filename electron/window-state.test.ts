import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { MINIMUM, placeWindow, readWindowState, writeWindowState } from './window-state.ts'

const screen = { x: 0, y: 25, width: 1920, height: 1055 }
const second = { x: 1920, y: 0, width: 2560, height: 1440 }

describe('where the window opens', () => {
  test('where it was, also on the second display', () => {
    const kept = { x: 2000, y: 100, width: 1400, height: 900 }
    expect(placeWindow(kept, [screen, second])).toEqual(kept)
  })

  test('in the middle of the first display when its own is gone', () => {
    const kept = { x: 2000, y: 100, width: 1400, height: 900 }
    expect(placeWindow(kept, [screen])).toEqual({ width: 1400, height: 900 })
  })

  test('not larger than the display', () => {
    const kept = { x: 0, y: 25, width: 5000, height: 4000 }
    expect(placeWindow(kept, [screen])).toMatchObject({ width: 1920, height: 1055 })
  })

  test('in its usual size the first time', () => {
    expect(placeWindow(undefined, [screen])).toEqual({ width: 1280, height: 820 })
    expect(placeWindow(undefined, [])).toEqual({ width: 1280, height: 820 })
  })

  test('always large enough, and where its title bar can be taken hold of', () => {
    const number = fc.integer({ min: -10_000, max: 10_000 })
    const size = fc.integer({ min: 1, max: 10_000 })
    const bounds = fc.record({ x: number, y: number, width: size, height: size })
    fc.assert(
      fc.property(bounds, kept => {
        const { x, y, width = 0, height = 0 } = placeWindow(kept, [screen, second])
        expect(width).toBeGreaterThanOrEqual(MINIMUM.width)
        expect(height).toBeGreaterThanOrEqual(MINIMUM.height)
        if (x === undefined || y === undefined) return
        const seen = [screen, second].some(
          area => Math.min(x + kept.width, area.x + area.width) - Math.max(x, area.x) >= 120 && y + 32 >= area.y + 32,
        )
        expect(seen).toBe(true)
      }),
    )
  })
})

describe('what is kept of the window', () => {
  const folder = mkdtempSync(join(tmpdir(), 'whetstone-window-'))
  const file = join(folder, 'deep', 'window-state.json')
  afterAll(() => rmSync(folder, { recursive: true }))

  test('comes back', () => {
    const state = { bounds: { x: 1, y: 2, width: 800, height: 600 }, maximized: true, colorScheme: 'dark' as const }
    writeWindowState(file, state)
    expect(readWindowState(file)).toEqual(state)
  })

  test.each(['', '{', '[]', '{"bounds":{"x":"1"}}', '{"maximized":3}'])('%s is not worth a failure', text => {
    writeFileSync(join(folder, 'bad.json'), text)
    expect(readWindowState(join(folder, 'bad.json'))).toEqual({ maximized: false, colorScheme: 'auto' })
  })

  test('a place that cannot be written is not worth a failure either', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(() =>
      writeWindowState(join(folder, 'file', 'x.json'), { maximized: false, colorScheme: 'auto' }),
    ).not.toThrow()
  })
})

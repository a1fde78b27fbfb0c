import { DEFAULT_THEME, mergeMantineTheme } from '@mantine/core'
import { expect, test } from 'vitest'
import { cssVariables, theme } from './theme.ts'

/** WCAG 2.2, 1.4.3: text of this size needs 4.5:1. */
const AA = 4.5

/** Relative luminance of '#rrggbb' (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(at => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(text: string, ground: string): number {
  const [darker = 0, lighter = 0] = [luminance(text), luminance(ground)].sort((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

const merged = mergeMantineTheme(DEFAULT_THEME, theme)
const schemes = cssVariables(merged)
const plain = { light: merged.black, dark: merged.colors.dark[0] }

test.each(['light', 'dark'] as const)('every text colour is legible on every ground it stands on (%s)', scheme => {
  const colour = (name: string) => schemes[scheme][`--ws-${name}`] ?? expect.fail(`no --ws-${name}`)
  const grounds = ['page', 'panel', 'hover', 'selected', 'added', 'removed', 'moved'].map(colour)
  const texts = { ...Object.fromEntries(['dim', 'accent', 'good', 'bad', 'warn'].map(name => [name, colour(name)])) }
  for (const ground of grounds) {
    expect(contrast(plain[scheme], ground), `text on ${ground}`).toBeGreaterThanOrEqual(7)
    for (const [name, text] of Object.entries(texts)) {
      expect(contrast(text, ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(AA)
    }
  }
  for (const name of ['mark', 'added-word', 'removed-word']) {
    expect(contrast(plain[scheme], colour(name)), name).toBeGreaterThanOrEqual(AA)
  }
  const field = scheme === 'light' ? '#ffffff' : merged.colors.dark[6]
  expect(contrast(schemes[scheme]['--mantine-color-placeholder'] ?? '', field), 'placeholder').toBeGreaterThanOrEqual(
    AA,
  )
})

test('white is legible on filled buttons', () => {
  for (const name of ['steel', 'red'] as const) {
    expect(contrast('#ffffff', merged.colors[name]?.[7] ?? ''), name).toBeGreaterThanOrEqual(AA)
  }
})

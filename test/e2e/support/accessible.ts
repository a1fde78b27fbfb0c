import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/**
 * No serious or critical fault of accessibility in what is shown, by axe's rules. Colours are looked at in the scheme the
 * page is in.
 */
export async function expectAccessible(page: Page): Promise<void> {
  // Without a page of its own for the report, which a window of Electron cannot open.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze()
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(
    grave.flatMap(({ id, help, nodes }) => nodes.map(node => `${id}: ${help}: ${node.html.slice(0, 200)}`)),
    'faults of accessibility',
  ).toEqual([])
}

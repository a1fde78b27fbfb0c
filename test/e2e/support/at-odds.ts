import { expect, line, type Member, newSkill, type Pair, sameVersions } from './team.ts'

/** Grace works without a line, Ada with one; then Grace's is back. */
export async function apart(
  { ada, grace, registry }: Pair,
  hers: () => Promise<unknown>,
  adas: () => Promise<unknown>,
): Promise<void> {
  await grace.line.cut()
  await hers()
  await adas()
  await expect(line(ada.page)).toHaveText(/^synced \d\d:\d\d$/)
  await grace.line.mend()
  await grace.api.sync.now({ tenantId: registry.tenantId })
}

/** A skill of Grace's that Ada has too. */
export async function sharedSkill(pair: Pair, slug: string, ...messages: string[]): Promise<string> {
  const skillId = await newSkill(pair.grace, pair.registry.tenantId, slug, ...messages)
  await sameVersions(pair.grace, pair.ada, skillId)
  return skillId
}
export const open = async (pair: Pair, skillId: string, where = '') => {
  for (const { page, origin } of [pair.ada, pair.grace]) await page.goto(`${origin}/skill/${skillId}${where}`)
}
/** What is asked, above the skill or on the team's page. */
export const asked = ({ page }: Member, words: string) =>
  page.getByRole('status').or(page.getByRole('article')).filter({ hasText: words })
export const choose = (member: Member, words: string, choice: string) =>
  asked(member, words).getByRole('button', { name: choice, exact: true }).click()
export const onlyChoices = async (member: Member, words: string, choices: string[]) =>
  expect(asked(member, words).getByRole('button')).toHaveText(choices)

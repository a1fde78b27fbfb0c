import type { Page } from '@playwright/test'
import { expectAccessible } from './support/accessible.ts'
import { editor, saved, saveVersion, tab, typeAtEnd } from './support/skills.ts'
import {
  type Computer,
  expect,
  history,
  line,
  newSkill,
  sameVersions,
  spaceOf,
  test,
  told,
  write,
} from './support/team.ts'

/** Two computers of two people, and one real registry between them. */

/** Pastes an invite, reads what it says, joins and starts. */
async function joinTeam(
  page: Page,
  invite: string,
  name: string,
  look?: () => Promise<void>,
  content: 'all' | 'newest' = 'all',
): Promise<void> {
  await page.getByRole('button', { name: /^Space: / }).click()
  await page.getByRole('menuitem', { name: 'Join a team…' }).click()
  const field = page.getByRole('textbox', { name: 'Invite' })
  await field.fill(invite.slice(0, -4))
  await expect(page.getByText('The invite is incomplete.')).toBeVisible()
  await field.fill(invite)
  await expect(page.getByLabel('What the invite says')).toContainText(name)
  await look?.()
  await page.getByRole('button', { name: 'Join Demo team' }).click()
  await expect(page.getByRole('heading', { name: 'You are in Demo team' })).toBeVisible()
  await look?.()
  if (content === 'newest') await page.getByRole('radio', { name: /newest and the published/ }).check()
  await page.getByRole('button', { name: 'Start' }).click()
  await expect(page).toHaveURL(/\/s\/[^/]+$/)
  await expect(line(page)).toHaveText(/synced \d\d:\d\d/)
}

/** A skill of one's own with two versions. */
async function personalSkill(app: Computer, slug: string): Promise<string> {
  const skillId = await newSkill(app, await spaceOf(app, 'personal'), slug)
  await write(app, skillId, 'one\ntwo\nthree\nfour\nfive\n')
  await app.api.versions.save({ skillId, message: 'first' })
  await write(app, skillId, 'one\ntwo\nthree\nfour\nfive\nsix\n')
  await app.api.versions.save({ skillId, message: 'second' })
  return skillId
}

async function share(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'More' }).click()
  await page.getByRole('menuitem', { name: 'Share to team…' }).click()
  await page.getByRole('button', { name: 'Share to Demo team' }).click()
  await told(page, `${name} copied to Demo team.`).getByRole('button', { name: 'Show' }).click()
  await expect(page.getByRole('button', { name: 'Space: Demo team' })).toBeVisible()
}

const openInList = async (page: Page, name: string) => {
  await page.getByText(name, { exact: true }).first().click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
}

test('@browser two people, one offline: both keep what they saved, merge it, and see each other’s ratings', async ({
  registry,
  open,
}) => {
  test.setTimeout(180_000)
  if ('missing' in registry) return test.skip(true, registry.missing)
  const [ada, grace] = [await open(), await open()]
  const [forAda, forGrace] = [await registry.invite('Ada A'), await registry.invite('Grace A')]

  // Ada joins, and shares a skill of her own.
  const mine = await personalSkill(ada, 'release-notes')
  await joinTeam(ada.page, forAda.invite, 'Ada A', () => expectAccessible(ada.page))
  await ada.page.goto(`${ada.origin}/skill/${mine}`)
  await share(ada.page, 'release-notes')
  await tab(ada.page, /^History/).click()
  await expect.poll(() => history(ada.page)).toEqual(['v2: second, Ada A', 'v1: first, Ada A'])

  // Grace joins and finds it.
  await joinTeam(grace.page, forGrace.invite, 'Grace A')
  await openInList(grace.page, 'release-notes')
  await tab(grace.page, /^History/).click()
  await expect.poll(() => history(grace.page)).toEqual(['v2: second, Ada A', 'v1: first, Ada A'])

  // Grace's line is pulled out; both go on from v2.
  await forGrace.line.cut()
  await tab(grace.page, 'Write').click()
  await typeAtEnd(grace.page, 'Grace was here\n')
  await saved(grace.page)
  await saveVersion(grace.page, 'from the train')
  await expect(line(grace.page)).toHaveText(/offline since \d\d:\d\d · 1 waiting/)
  await expect(grace.page.getByText('waiting for its number', { exact: false }).first()).toBeVisible()
  const skillId = new URL(ada.page.url()).pathname.split('/')[2] ?? ''
  await write(ada, skillId, 'ONE\ntwo\nthree\nfour\nfive\nsix\n')
  await ada.api.versions.save({ skillId, message: 'louder' })
  await expect.poll(() => history(ada.page)).toEqual(['v3: louder, Ada A', 'v2: second, Ada A', 'v1: first, Ada A'])

  // What waits is on the team's page in words.
  await line(grace.page).click()
  await expect(grace.page.getByRole('list', { name: 'Changes that wait' })).toContainText(
    'Save a version of release-notes “from the train”',
  )
  await expectAccessible(grace.page)

  // The line is back: nothing was lost, both are told of both.
  await forGrace.line.mend()
  await grace.page.getByRole('button', { name: 'Try now' }).click()
  await expect(grace.page.getByText('Ada A and you both saved from v2: v3 and v4.')).toBeVisible()
  await expectAccessible(grace.page)
  const both = ['v4: from the train, Grace A', 'v3: louder, Ada A', 'v2: second, Ada A', 'v1: first, Ada A']
  await expect.poll(() => history(ada.page)).toEqual(both)
  await tab(ada.page, 'Write').click()
  await expect(ada.page.getByText('You and Grace A both saved from v2: v3 and v4.')).toBeVisible()
  await expectAccessible(ada.page)

  // Grace merges; Ada sees the merge, and neither is asked any more.
  await grace.page.getByRole('button', { name: 'Merge…' }).click()
  await grace.page.getByRole('button', { name: 'Save merged version…' }).click()
  const dialog = grace.page.getByRole('dialog')
  await dialog.getByRole('textbox').fill('both')
  await grace.page.keyboard.press('ControlOrMeta+Enter')
  await expect(dialog).toBeHidden()
  await expect(ada.page.getByText('You and Grace A both saved from v2')).toBeHidden()
  await tab(ada.page, /^History/).click()
  await expect.poll(() => history(ada.page)).toEqual(['v5: both, Grace A', ...both])
  await grace.page.goto(`${grace.origin}/skill/${skillId}/history`)
  await expect.poll(() => history(grace.page)).toEqual(['v5: both, Grace A', ...both])
  await tab(ada.page, 'Write').click()
  await expect(editor(ada.page)).toContainText('Grace was here')
  await expect(editor(ada.page)).toContainText('ONE')

  // A rating travels with its version.
  await tab(grace.page, /^Ratings/).click()
  await grace.page.getByRole('radio', { name: '4 of 5' }).press('Space')
  await grace.page.getByRole('textbox', { name: 'Hours it saved you' }).fill('0')
  await grace.page.getByRole('textbox', { name: 'Comment' }).fill('Does what it says.')
  await grace.page.getByRole('button', { name: 'Rate v5' }).click()
  await tab(ada.page, /^Ratings/).click()
  await expect(ada.page.getByText('Does what it says.')).toBeVisible()
  await expect(ada.page.getByText('4.00', { exact: true }).first()).toBeVisible()
  await expect(ada.page.getByText('0 hours saved, as said in 1 rating')).toBeVisible()
  await expectAccessible(ada.page)
  await expect(line(ada.page)).toHaveText(/^synced/)
  await expect(line(grace.page)).toHaveText(/^synced/)
})

test('@browser a reader rates and does not save; what was overtaken says so; leaving says what goes', async ({
  registry,
  open,
}) => {
  test.setTimeout(180_000)
  if ('missing' in registry) return test.skip(true, registry.missing)
  const [ada, rita] = [await open(), await open()]
  const [forAda, forRita] = [await registry.invite('Ada B'), await registry.invite('Rita', 'reader')]
  const mine = await personalSkill(ada, 'changelog')
  await joinTeam(ada.page, forAda.invite, 'Ada B')
  await ada.page.goto(`${ada.origin}/skill/${mine}`)
  await share(ada.page, 'changelog')
  await joinTeam(rita.page, forRita.invite, 'Rita')
  await openInList(rita.page, 'changelog')
  await expect(rita.page.getByText('You are a reader in Demo team', { exact: false })).toBeVisible()
  await expect(rita.page.getByRole('button', { name: 'Save version…' })).toBeDisabled()
  await expect(rita.page.getByRole('button', { name: 'New file' })).toBeHidden()
  await expectAccessible(rita.page)
  await tab(rita.page, /^Ratings/).click()
  await rita.page.getByRole('radio', { name: '5 of 5' }).press('Space')
  await rita.page.getByRole('button', { name: 'Rate v2' }).click()
  await tab(ada.page, /^Ratings/).click()
  await expect(ada.page.getByText('5.00', { exact: true }).first()).toBeVisible()

  // Another invite for Ada's second computer: what she saves there overtakes nobody, what Grace saves does.
  const grace = await open()
  const forGrace = await registry.invite('Grace B')
  await joinTeam(grace.page, forGrace.invite, 'Grace B')
  await openInList(grace.page, 'changelog')
  await typeAtEnd(grace.page, 'unsaved words\n')
  await saved(grace.page)
  const skillId = new URL(ada.page.url()).pathname.split('/')[2] ?? ''
  await write(ada, skillId, 'ONE\ntwo\n')
  await ada.api.versions.save({ skillId, message: 'louder' })
  await expect(grace.page.getByText('Ada B saved v3 after you began from v2.')).toBeVisible()
  await expectAccessible(grace.page)
  await grace.page.getByRole('button', { name: 'Go on' }).click()
  await expect(grace.page.getByText('Ada B saved v3 after you began from v2.')).toBeHidden()

  // Leaving with the copy removed names what nobody else has.
  await line(grace.page).click()
  await grace.page.getByRole('button', { name: 'Leave Demo team…' }).click()
  const dialog = grace.page.getByRole('dialog', { name: 'Leave Demo team?' })
  await dialog.getByRole('radio', { name: 'Remove it' }).check()
  await expect(dialog).toContainText('This goes for good, for nobody else has it: unsaved edits in 1 skill.')
  await expectAccessible(grace.page)
  await dialog.getByRole('button', { name: 'Leave and remove the copy' }).click()
  await expect(grace.page.getByText('The copy of Demo team is gone from this computer.')).toBeVisible()
  await expect(grace.page.getByRole('button', { name: 'Space: Personal' })).toBeVisible()

  // A selection goes together; what is there already is asked about, and the rest goes on.
  await personalSkill(ada, 'weather')
  const personal = await spaceOf(ada, 'personal')
  await ada.page.goto(`${ada.origin}/s/${personal}`)
  const grid = ada.page.getByRole('grid')
  await grid.focus()
  await ada.page.keyboard.press('ControlOrMeta+a')
  await expect(ada.page.getByText('2 selected')).toBeVisible()
  await ada.page.getByRole('button', { name: 'Copy to…' }).click()
  await ada.page.getByRole('button', { name: 'Share to Demo team' }).click()
  await expect(ada.page.getByText('Demo team has a skill called changelog already.', { exact: false })).toBeVisible()
  await ada.page.getByRole('button', { name: 'Leave it out' }).click()
  await told(ada.page, '1 skill copied to Demo team.').getByRole('button', { name: 'Show' }).click()
  await expect(ada.page.getByRole('heading', { level: 1, name: 'weather' })).toBeVisible()
})

test('@browser only the newest content is kept, older is brought when it is opened; news is told, a refusal decided', async ({
  registry,
  open,
}) => {
  test.setTimeout(240_000)
  if ('missing' in registry) return test.skip(true, registry.missing)
  const [ada, grace] = [await open(), await open()]
  const [forAda, forGrace] = [await registry.invite('Ada C'), await registry.invite('Grace C')]
  const mine = await personalSkill(ada, 'invoices')
  await joinTeam(ada.page, forAda.invite, 'Ada C')
  await ada.page.goto(`${ada.origin}/skill/${mine}`)
  await share(ada.page, 'invoices')
  const skillId = new URL(ada.page.url()).pathname.split('/')[2] ?? ''
  // Sharing it again asks for another name.
  await ada.page.goto(`${ada.origin}/skill/${mine}`)
  await ada.page.getByRole('button', { name: 'More' }).click()
  await ada.page.getByRole('menuitem', { name: 'Share to team…' }).click()
  await ada.page.getByRole('button', { name: 'Share to Demo team' }).click()
  await expect(ada.page.getByRole('textbox', { name: 'Name there' })).toHaveValue('invoices-2')
  await expectAccessible(ada.page)
  await ada.page.getByRole('button', { name: 'Leave it out' }).click()
  await tab(ada.page, /^History/).click()
  await expect.poll(() => history(ada.page)).toEqual(['v2: second, You', 'v1: first, You'])

  await joinTeam(grace.page, forGrace.invite, 'Grace C', undefined, 'newest')
  await openInList(grace.page, 'invoices')
  await expect(editor(grace.page)).toContainText('six')
  const [, first] = await grace.api.versions.list({ skillId })
  const away = await grace.api.versions.get({ id: first?.id ?? '' }).catch((error: { code?: string }) => error.code)
  expect(away).toBe('CONTENT_ELSEWHERE')
  // Without the registry it says why; with it, it comes by itself.
  await forGrace.line.cut()
  await forGrace.storage.cut()
  await grace.page.goto(`${grace.origin}/skill/${skillId}/history`)
  await expect(grace.page.getByText('not on this computer: opening it brings it')).toHaveCount(1)
  await expectAccessible(grace.page)
  await grace.page.getByText('first', { exact: true }).click()
  await expect(
    grace.page.getByText('The content of this version is not on this computer, and it could not be brought.', {
      exact: false,
    }),
  ).toBeVisible()
  await forGrace.storage.mend()
  await forGrace.line.mend()
  await expect(async () => {
    const bring = grace.page.getByRole('button', { name: 'Try again' })
    if (await bring.isVisible()) await bring.click()
    await expect(grace.page.getByRole('heading', { level: 2, name: 'v1' })).toBeVisible({ timeout: 5_000 })
  }).toPass()
  await grace.page.getByRole('button', { name: 'Back to the history' }).click()
  await expect(grace.page.getByText('not on this computer: opening it brings it')).toHaveCount(0)

  // What Ada saves of a skill that Grace has opened is told, with a way there.
  await grace.page.goto('about:blank')
  await write(ada, skillId, 'ONE\n')
  await ada.api.versions.save({ skillId, message: 'shorter' })
  await sameVersions(ada, grace, skillId)
  // At most once a minute; a window that is opened asks at once.
  await grace.page.goto(`${grace.origin}/s/${await spaceOf(grace, 'team')}`)
  await expect(told(grace.page, 'Ada C saved a version of invoices.')).toBeVisible()

  // Grace did not make it, so the registry does not let her archive it: refused, with the reason and two ways out.
  await grace.api.skills.archive({ id: skillId, archived: true })
  await expect(line(grace.page)).toContainText('1 needs you')
  await line(grace.page).click()
  const refused = grace.page.getByRole('list', { name: 'Refused changes' })
  await expect(refused).toContainText('Archive invoices: Only the skill’s author or an admin may change it.')
  await expectAccessible(grace.page)
  await refused.getByRole('button', { name: 'Let it go' }).click()
  await expect(refused).toBeHidden()
  await expect.poll(async () => (await grace.api.skills.get({ id: skillId })).status).toBe('draft')
})

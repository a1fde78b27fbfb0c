import { expectAccessible } from './support/accessible.ts'
import { open, sharedSkill } from './support/at-odds.ts'
import { tab } from './support/skills.ts'
import { bothCalm, expect, history, line, sameVersions, save, spaceOf, test, told } from './support/team.ts'

/** Being in a team: joining and thinking better of it, what its page offers, approving, and leaving. */
test.describe.configure({ mode: 'default' })

test('@browser joining can be cancelled and leaves nothing; what a registry breaks is told; leaving keeps the copy', async ({
  pair,
  open: another,
}) => {
  const { ada, registry } = pair
  const skillId = await sharedSkill(pair, 'joined-late', 'one')
  const rae = await another()
  const { page } = rae
  const forRae = await registry.invite('Rae')
  await registry.sql('ALTER TABLE whetstone.ratings NO FORCE ROW LEVEL SECURITY')

  await page.goto(`${rae.origin}/join`)
  await page.getByRole('textbox', { name: 'Invite' }).fill(forRae.invite)
  const join = page.getByRole('button', { name: 'Join Demo team' })
  const steps = page.getByRole('list', { name: 'Joining' })
  forRae.line.hold(true)
  await join.click()
  await expect(steps.getByRole('listitem').filter({ hasText: 'Reach the registry' })).toHaveAttribute(
    'aria-current',
    'step',
  )
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(steps).toBeHidden()
  forRae.line.hold(false)
  await page.getByRole('button', { name: /^Space: / }).click()
  await expect(page.getByRole('menuitem', { name: 'Join a team…' })).toBeVisible()
  await expect(page.getByRole('menuitem', { name: /Demo team/ })).toBeHidden()
  await page.keyboard.press('Escape')
  expect(await rae.api.sync.status()).toEqual([])

  await join.click()
  await expect(page.getByRole('heading', { name: 'You are in Demo team' })).toBeVisible()
  const rules = page.getByRole('region', { name: 'The registry' })
  await expect(rules).toContainText(/It breaks 2 rules of \d+\. You can go on; tell whoever runs the registry/)
  await expect(rules).toContainText('ratings')
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Start' }).click()
  await expect(line(page)).toHaveText(/^synced \d\d:\d\d$/)
  await registry.sql('ALTER TABLE whetstone.ratings FORCE ROW LEVEL SECURITY')
  await line(page).click()
  await expect(rules).toContainText('It breaks 2 rules that it should keep.')
  await expect(rules).toContainText('For whoever runs it:')

  // Paused, nothing comes; resumed, all of it.
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(line(page)).toHaveText('paused')
  await expect(page.getByRole('region', { name: 'State' })).toContainText('Paused.')
  await save(ada, skillId, 'two')
  await sameVersions(ada, pair.grace, skillId)
  expect(await rae.api.versions.list({ skillId })).toHaveLength(1)
  await page.getByRole('button', { name: 'Resume' }).click()
  await sameVersions(ada, rae, skillId)
  await page.getByRole('button', { name: 'Sync now' }).click()

  // What arrives is told, unless one would rather not know.
  const tellMe = page.getByRole('switch', { name: /^Tell me what arrives/ })
  await tellMe.press('Space')
  await expect(tellMe).not.toBeChecked()
  await save(ada, skillId, 'three')
  await sameVersions(ada, rae, skillId)
  expect(await rae.api.sync.news({ opened: [skillId] })).toEqual([])
  await tellMe.press('Space')
  const skillPage = `${rae.origin}/skill/${skillId}`
  await page.goto(skillPage)
  await expect(page.getByRole('heading', { level: 1, name: 'joined-late' })).toBeVisible()
  // Told at most once a minute; a window that is opened asks at once.
  await page.goto('about:blank')
  await save(ada, skillId, 'four')
  await sameVersions(ada, rae, skillId)
  await page.goto(skillPage)
  await expect(told(page, 'Ada saved a version of joined-late.')).toBeVisible()

  // The log is for whoever helps.
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await line(page).click()
  // The page may write to the clipboard and not read it: what it writes is noted on the way.
  await page.evaluate(() => {
    const write = navigator.clipboard.writeText.bind(navigator.clipboard)
    navigator.clipboard.writeText = text => {
      Reflect.set(window, 'copied', text)
      return write(text)
    }
  })
  await page.getByRole('button', { name: 'Copy the log' }).click()
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible()
  const copied = String(await page.evaluate(() => Reflect.get(window, 'copied')))
  expect(copied).toMatch(/^Whetstone \S+ on \w+, sync with Demo team: synced \d\d:\d\d\n\d{4}-\d\d-\d\dT\S+ warning /)
  for (const words of ['The registry breaks 2 rules', 'Joined by an invite, as author', 'Paused.'])
    expect(copied).toContain(words)
  expect(copied).not.toMatch(/password|secret|postgres:\/\/[^ ]*:[^ ]*@/i)
  await expectAccessible(page)

  await page.getByRole('button', { name: 'Leave Demo team…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Leave Demo team?' })
  await expect(dialog.getByRole('radio', { name: 'Keep it' })).toBeChecked()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Leave and keep the copy' }).click()
  await expect(told(page, 'You have left Demo team. The copy stays on this computer.')).toBeVisible()
  await expect(page.getByText('You have left this team. The copy here stays as it was.')).toBeVisible()
  await expect(line(page)).toHaveText('not connected')
  await page.goto(`${rae.origin}/skill/${skillId}/history`)
  await expect.poll(() => history(page)).toHaveLength(4)
  await line(page).click()
  await page.getByRole('button', { name: 'Remove the copy…' }).click()
  await page.getByRole('dialog', { name: 'Remove the copy?' }).getByRole('button', { name: 'Remove the copy' }).click()
  await expect(told(page, 'The copy of Demo team is gone from this computer.')).toBeVisible()
  expect(await spaceOf(rae, 'team')).toBe('')
})

test('@browser a team that asks for approval: it waits with words, a colleague approves, and it is published', async ({
  pair,
}) => {
  const { ada, grace, registry } = pair
  const asks = async (needed: number) => {
    await registry.sql('UPDATE whetstone.tenant_settings SET publish_needs_approval = $1', [needed])
    for (const { api } of [ada, grace]) await api.sync.now({ tenantId: registry.tenantId })
  }
  await asks(1)
  const skillId = await sharedSkill(pair, 'approved', 'one', 'two')
  await expect.poll(async () => (await ada.api.sync.status())[0]?.needsApproval).toBe(true)
  await open(pair, skillId)
  await grace.page.getByRole('button', { name: 'Publish v2' }).click()
  await expect(line(grace.page)).toContainText('1 needs you')
  await line(grace.page).click()
  const refused = grace.page.getByRole('list', { name: 'Refused changes' })
  await expect(refused).toContainText(
    'Publish v2 of approved: This team publishes only what somebody else has approved.',
  )
  await expect(refused).toContainText(/Ask Ada .*to approve v2 of approved/)
  await expect(refused.getByRole('button')).toHaveText(['Try again', 'Let it go'])
  await expectAccessible(grace.page)
  await tab(ada.page, /^History/).click()
  await ada.page.getByRole('button', { name: 'Actions for v2' }).click()
  await ada.page.getByRole('menuitem', { name: 'Approve v2 for publishing' }).click()
  await expect(told(ada.page, 'v2 is approved')).toBeVisible()
  await refused.getByRole('button', { name: 'Try again' }).click()
  await expect(refused).toBeHidden()
  await expect(ada.page.getByText('v2 · published', { exact: true })).toBeVisible()

  // Who may approve and publishes herself is offered it where it waits.
  const [, one] = await ada.api.versions.list({ skillId })
  const [two] = await ada.api.versions.list({ skillId })
  await ada.api.versions.publish({ skillId, versionId: one?.id ?? '', expected: two?.id ?? null })
  await line(ada.page).click()
  const hers = ada.page.getByRole('list', { name: 'Refused changes' })
  await expect(hers.getByRole('button')).toHaveText(['Approve', 'Try again', 'Let it go'])
  await expectAccessible(ada.page)
  await hers.getByRole('button', { name: 'Approve' }).click()
  await expect(hers).toBeHidden()
  await open(pair, skillId)
  for (const { page } of [ada, grace]) await expect(page.getByText('v2 · published v1')).toBeVisible()
  await asks(0)
  await bothCalm(pair)
})

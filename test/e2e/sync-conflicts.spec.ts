import { expectAccessible } from './support/accessible.ts'
import { apart, choose, onlyChoices, open, sharedSkill } from './support/at-odds.ts'
import { bothCalm, expect, history, line, newSkill, sameVersions, save, test, write } from './support/team.ts'

/** What two people can be at odds about: what they read, what each choice does, and that both see the same then. */
test.describe.configure({ mode: 'default' })

test('@browser both published: the later one is asked', async ({ pair }) => {
  const { ada, grace } = pair
  const skillId = await sharedSkill(pair, 'both-published', 'one', 'two')
  const [two = '', one = ''] = (await ada.api.versions.list({ skillId })).map(row => row.id)
  await open(pair, skillId)
  const bothPublish = (expected: string | null, [hers, adas]: readonly [string, string]) =>
    apart(
      pair,
      () => grace.api.versions.publish({ skillId, versionId: hers, expected }),
      () => ada.api.versions.publish({ skillId, versionId: adas, expected }),
    )
  const said = 'Somebody else changed what is published of both-published before you: it is v2 now; you wanted v1.'
  await bothPublish(null, [one, two])
  await onlyChoices(grace, said, ['Compare the two', 'Publish v1', 'Leave v2'])
  await expect(line(grace.page)).toContainText('1 needs you')
  await expectAccessible(grace.page)
  await choose(grace, said, 'Compare the two')
  await expect(grace.page).toHaveURL(new RegExp(`left=version.*${two}.*right=version.*${one}`))
  await grace.page.goBack()
  await choose(grace, said, 'Publish v1')
  for (const { page } of [ada, grace]) await expect(page.getByText('v2 · published v1')).toBeVisible()
  await bothCalm(pair)

  await grace.api.versions.publish({ skillId, versionId: null, expected: one })
  for (const { page } of [ada, grace]) await expect(page.getByText('v2 · not published')).toBeVisible()
  await bothPublish(null, [one, two])
  await choose(grace, said, 'Leave v2')
  for (const { page } of [ada, grace]) await expect(page.getByText('v2 · published', { exact: true })).toBeVisible()
  await bothCalm(pair)
})

test('@browser one name given twice: the later one gets another', async ({ pair }) => {
  const { ada, grace, registry } = pair
  const { tenantId } = registry
  const said = 'There is a skill called report in the team already, so yours is now called report-2.'
  let hers = ''
  let adas = ''
  await ada.page.goto(`${ada.origin}/s/${tenantId}`)
  await grace.page.goto(`${grace.origin}/s/${tenantId}`)
  await apart(
    pair,
    async () => {
      hers = await newSkill(grace, tenantId, 'report', 'Grace’s')
    },
    async () => {
      adas = await newSkill(ada, tenantId, 'report', 'Ada’s')
    },
  )
  await expect(line(grace.page)).toContainText('1 needs you')
  await line(grace.page).click()
  await onlyChoices(grace, said, ['Choose another name…', 'Open it', 'Keep report-2'])
  await choose(grace, said, 'Open it')
  await expect(grace.page).toHaveURL(new RegExp(`/skill/${hers}`))
  await choose(grace, said, 'Choose another name…')
  const dialog = grace.page.getByRole('dialog', { name: 'Choose another name' })
  await dialog.getByRole('textbox', { name: 'Name' }).fill('report')
  await dialog.getByRole('button', { name: 'Rename it' }).click()
  await expect(dialog).toContainText('There is a skill of that name already.')
  await expectAccessible(grace.page)
  await dialog.getByRole('textbox', { name: 'Name' }).fill('weekly-report')
  await grace.page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  for (const { api } of [ada, grace]) {
    await expect.poll(async () => (await api.skills.get({ id: hers })).slug).toBe('weekly-report')
    expect((await api.skills.get({ id: adas })).slug).toBe('report')
  }
  await sameVersions(grace, ada, hers)
  await bothCalm(pair)
  // Another time what was given is kept.
  await apart(
    pair,
    async () => {
      hers = await newSkill(grace, tenantId, 'report-3', 'Grace’s')
    },
    async () => void (await newSkill(ada, tenantId, 'report-3', 'Ada’s')),
  )
  await grace.page.goto(`${grace.origin}/skill/${hers}`)
  await choose(grace, 'yours is now called report-3-2.', 'Keep report-3-2')
  await expect.poll(async () => (await ada.api.skills.get({ id: hers })).slug).toBe('report-3-2')
  await bothCalm(pair)
})

test('@browser deleted there and edited here: kept in the team, kept in Personal, or thrown away', async ({ pair }) => {
  const { ada, grace, registry } = pair
  const { tenantId } = registry
  const other = await registry.program('Ada', 'admin', ada.userId)
  await ada.page.goto(`${ada.origin}/s/${tenantId}`)
  const deletedWhileEdited = async (slug: string) => {
    // Only a skill without a version can be deleted: it is archived otherwise.
    const skillId = await newSkill(grace, tenantId, slug)
    await expect.poll(async () => (await ada.api.skills.get({ id: skillId }).catch(() => undefined))?.slug).toBe(slug)
    await grace.page.goto(`${grace.origin}/skill/${skillId}`)
    await apart(
      pair,
      () => write(grace, skillId, 'still here\n'),
      async () => expect(await other.removeRows('skills', [skillId])).toMatchObject({ kind: 'answered' }),
    )
    await expect(ada.page.getByRole('link', { name: slug, exact: true })).toBeHidden()
    return skillId
  }
  const said = (slug: string) => `${slug} was deleted in the team while you changed it here.`
  await deletedWhileEdited('minutes')
  await onlyChoices(grace, said('minutes'), [
    'Keep it in the team as a new skill',
    'Keep it in Personal',
    'Throw it away',
  ])
  await expectAccessible(grace.page)
  await choose(grace, said('minutes'), 'Keep it in the team as a new skill')
  await expect(ada.page.getByRole('link', { name: 'minutes', exact: true })).toBeVisible()
  await bothCalm(pair)

  await deletedWhileEdited('agenda')
  await choose(grace, said('agenda'), 'Keep it in Personal')
  await bothCalm(pair)
  const personal = (await grace.api.spaces.list()).find(space => space.kind === 'personal')?.tenantId ?? ''
  const [kept] = (await grace.api.skills.list({ tenantId: personal })).rows
  expect(kept?.slug).toBe('agenda')
  const text = await grace.api.files.read({ of: { kind: 'working', skillId: kept?.id ?? '' }, path: 'SKILL.md' })
  expect(text).toMatchObject({ text: expect.stringContaining('still here') })

  const gone = await deletedWhileEdited('draft')
  await choose(grace, said('draft'), 'Throw it away')
  await expect
    .poll(() => grace.api.skills.get({ id: gone }).catch((error: { code?: string }) => error.code))
    .toBe('NOT_FOUND')
  await bothCalm(pair)
})

test('@browser archived there and edited here: it can be brought back, and the version is sent either way', async ({
  pair,
}) => {
  const { ada, grace } = pair
  const skillId = await sharedSkill(pair, 'archived-there', 'one')
  const said = 'archived-there was archived in the team while you changed it here.'
  await open(pair, skillId, '/history')
  const archivedWhileEdited = (message: string) =>
    apart(
      pair,
      () => save(grace, skillId, message),
      () => ada.api.skills.archive({ id: skillId, archived: true }),
    )
  await archivedWhileEdited('two')
  await onlyChoices(grace, said, ['Bring it back', 'All right'])
  await expectAccessible(grace.page)
  await choose(grace, said, 'Bring it back')
  for (const { page, api } of [ada, grace]) {
    await expect.poll(() => history(page)).toEqual(['v2: two, Grace', 'v1: one, Grace'])
    await expect.poll(async () => (await api.skills.get({ id: skillId })).status).toBe('draft')
  }
  await bothCalm(pair)
  await archivedWhileEdited('three')
  await choose(grace, said, 'All right')
  for (const { api } of [ada, grace])
    await expect.poll(async () => (await api.skills.get({ id: skillId })).status).toBe('archived')
  await sameVersions(grace, ada, skillId)
  await bothCalm(pair)
})

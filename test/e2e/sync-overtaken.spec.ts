import { newFeedback } from '../registry/registry.ts'
import { expectAccessible } from './support/accessible.ts'
import { apart, choose, onlyChoices, open, sharedSkill } from './support/at-odds.ts'
import { editor, saved, typeAtEnd } from './support/skills.ts'
import { bothCalm, expect, joinQuietly, line, type Member, newSkill, sameVersions, save, test } from './support/team.ts'

/** What one did or began and somebody else, or oneself on another computer, was before one with. */
test.describe.configure({ mode: 'default' })

test('@browser feedback that somebody else reviewed first: theirs stands, and one is told', async ({ pair }) => {
  const { ada, grace, registry } = pair
  const skillId = await sharedSkill(pair, 'reviewed-twice', 'one')
  const [version] = await grace.api.versions.list({ skillId })
  const reader = await registry.program('Rita', 'reader')
  const admin = await registry.program('Ada', 'admin', ada.userId)
  const given = newFeedback(skillId, version?.id ?? null, {
    feedback_type: 'bug_report',
    comment: 'It forgets the date.',
  })
  expect(await reader.pushRows('feedback', [given])).toMatchObject({ kind: 'answered' })
  await grace.page.goto(`${grace.origin}/s/${registry.tenantId}/inbox`)
  await ada.page.goto(`${ada.origin}/s/${registry.tenantId}/inbox`)
  await expect(ada.page.getByText('It forgets the date.')).toBeVisible()
  await apart(
    pair,
    async () => {
      const entry = grace.page.getByRole('listitem').filter({ hasText: 'It forgets the date.' })
      await entry.getByRole('button', { name: 'Make a case' }).click()
      await expect(grace.page).toHaveURL(/view=cases/)
    },
    async () => {
      const review = { id: given.id, expected: 'pending', status: 'dismissed', notes: null, implementedBy: null }
      expect(await admin.reviewFeedback(review)).toMatchObject({ kind: 'updated' })
    },
  )
  const said =
    'Somebody else reviewed feedback on reviewed-twice before you: it is dismissed now; you had said accepted.'
  await grace.page.goto(`${grace.origin}/skill/${skillId}`)
  await onlyChoices(grace, said, ['Look at it', 'All right'])
  await choose(grace, said, 'Look at it')
  await expect(grace.page.getByText('It forgets the date.')).toBeVisible()
  await choose(grace, said, 'All right')
  for (const { page, origin } of [ada, grace]) {
    await page.goto(`${origin}/s/${registry.tenantId}/inbox`)
    await page.getByText('All', { exact: true }).click()
    const entry = page.getByRole('listitem').filter({ hasText: 'It forgets the date.' })
    await expect(entry).toContainText('dismissed')
  }
  await bothCalm(pair)
})

test('@browser what is being edited was overtaken: merged, taken, or gone on with', async ({ pair }) => {
  const { ada, grace } = pair
  const skillId = await newSkill(ada, pair.registry.tenantId, 'overtaken')
  await save(ada, skillId, 'one', 'one\ntwo\nthree\nfour\n')
  await sameVersions(ada, grace, skillId)
  await open(pair, skillId)
  await typeAtEnd(grace.page, 'hers\n')
  await saved(grace.page)
  await save(ada, skillId, 'two', 'ONE\ntwo\nthree\nfour\n')
  await expectAccessible(grace.page)
  // On the team's page it is said, too, and leads here.
  await line(grace.page).click()
  const said = 'Ada saved v2 of overtaken after you began from v1.'
  await onlyChoices(grace, said, ['Compare', 'Open it, to merge or take theirs', 'Go on'])
  await choose(grace, said, 'Open it, to merge or take theirs')
  await choose(grace, 'Ada saved v2 after you began from v1.', 'Merge into mine…')
  const dialog = grace.page.getByRole('dialog')
  await dialog.getByRole('textbox').fill('mine')
  await grace.page.keyboard.press('ControlOrMeta+Enter')
  await grace.page.getByRole('button', { name: 'Save merged version…' }).click()
  await dialog.getByRole('textbox').fill('both')
  await grace.page.keyboard.press('ControlOrMeta+Enter')
  await expect(dialog).toBeHidden()
  await open(pair, skillId)
  for (const { page } of [ada, grace]) await expect(editor(page)).toContainText('ONEtwothreefourhers')
  await bothCalm(pair)

  await typeAtEnd(grace.page, 'thrown away\n')
  await saved(grace.page)
  await save(ada, skillId, 'five', 'FIVE\n')
  await choose(grace, 'Ada saved v5 after you began from v4.', 'Take v5')
  for (const { page } of [ada, grace]) await expect(editor(page)).toContainText('FIVE')
  await bothCalm(pair)

  await typeAtEnd(grace.page, 'kept\n')
  await saved(grace.page)
  await save(ada, skillId, 'six', 'SIX\n')
  await choose(grace, 'Ada saved v6 after you began from v5.', 'Go on')
  await bothCalm(pair)
  await expect(editor(grace.page)).toContainText('FIVEkept')
})

test('@browser one’s own rating, given on two computers: one of them counts everywhere', async ({
  pair,
  open: another,
}) => {
  const { ada, grace, registry } = pair
  const skillId = await sharedSkill(pair, 'rated-twice', 'one')
  const second = await another()
  const forSecond = await registry.invite('Grace', 'author', grace.userId)
  await joinQuietly(second, forSecond.invite)
  const there = Object.assign(second, forSecond)
  const [version] = await grace.api.versions.list({ skillId })
  const rate = (member: Member, rating: number, hoursSaved: number | null) =>
    member.api.ratings.rate({ versionId: version?.id ?? '', rating, comment: null, hoursSaved })
  await there.page.goto(`${there.origin}/skill/${skillId}/ratings`)
  await grace.page.goto(`${grace.origin}/skill/${skillId}/ratings`)
  await ada.page.goto(`${ada.origin}/skill/${skillId}/ratings`)
  const average = (member: Member, stars: string) =>
    expect(member.page.getByText(stars, { exact: true }).first()).toBeVisible()
  const said = 'You rated v1 of rated-twice on another computer too. There: 2 of 5, 0 hours saved. Here: 5 of 5.'
  const bothRate = async () => {
    await grace.line.cut()
    await rate(grace, 5, null)
    await rate(there, 2, 0)
    await average(ada, '2.00')
    await grace.line.mend()
    await grace.api.sync.now({ tenantId: registry.tenantId })
  }
  await bothRate()
  await onlyChoices(grace, said, ['Keep what I said here', 'Take what I said there'])
  await expectAccessible(grace.page)
  await choose(grace, said, 'Take what I said there')
  for (const member of [grace, there, ada]) await average(member, '2.00')
  await expect(ada.page.getByText('0 hours saved, as said in 1 rating')).toBeVisible()
  await bothCalm(pair)
  await rate(grace, 1, null)
  await average(there, '1.00')
  await bothRate()
  await choose(grace, said, 'Keep what I said here')
  for (const member of [grace, there, ada]) await average(member, '5.00')
  await bothCalm(pair)

  // The team's answer to a rating leaves what is being typed into the next one.
  await grace.line.cut()
  await rate(grace, 4, null)
  await average(grace, '4.00')
  const comment = grace.page.getByRole('textbox', { name: 'Comment' })
  await comment.fill('half a sentence')
  await grace.line.mend()
  await grace.api.sync.now({ tenantId: registry.tenantId })
  await average(ada, '4.00')
  await bothCalm(pair)
  await expect(comment).toHaveValue('half a sentence')
})

import { writeFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { type ModelServer, modelServer } from '../support/model-server.ts'
import { expectAccessible } from './support/accessible.ts'
import { expect, test } from './support/app.ts'
import { openSampleSkill, tab } from './support/skills.ts'

/** A model that answers at once: as the skill says where it was given, and less well where not. */
const startModels = () =>
  modelServer(request => ({
    text: request.system.includes('release-notes')
      ? '## Breaking\n- The flag `--token` was removed.\n\n## Fixed\n- #12 Crash on start'
      : 'Several things changed in this release.',
    usage: { input: 400, output: 60 },
  }))

async function addProvider(page: Page, server: ModelServer): Promise<void> {
  await openSampleSkill(page, 'release-notes')
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('link', { name: 'Model providers' }).click()
  await page.getByRole('button', { name: 'Add a provider' }).click()
  await page.getByRole('menuitem', { name: /vLLM/ }).click()
  const card = page.getByRole('group', { name: /vLLM/ })
  await card.getByRole('textbox', { name: 'Address' }).fill(server.url)
  await card.getByRole('textbox', { name: 'Address' }).blur()
  await card.getByLabel('Models').fill('north')
  await page.keyboard.press('Enter')
  await card.getByRole('button', { name: 'Test the connection' }).click()
  await expect(card.getByRole('status')).toContainText('✓ north answered')
}

async function openRun(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'release-notes' }).first().click()
  await tab(page, 'Benchmarks').click()
  await page.getByText('Run', { exact: true }).click()
}

async function choose(page: Page, field: string | RegExp, option: string | RegExp): Promise<void> {
  await page
    .getByRole('combobox', { name: field })
    .or(page.getByRole('textbox', { name: field }))
    .first()
    .click()
  await page.getByRole('option', { name: option }).click()
  await page.keyboard.press('Escape')
}

test('@browser without a provider the first step is offered', async ({ app }) => {
  await openSampleSkill(app.page, 'release-notes')
  await openRun(app.page)
  await expect(app.page.getByRole('heading', { name: 'Nobody to ask yet' })).toBeVisible()
  await app.page.getByRole('link', { name: 'Set up a model provider' }).click()
  await expect(app.page.getByRole('heading', { name: 'Models', exact: true })).toBeVisible()
  await expectAccessible(app.page)
})

test('a provider is set up, a plan is shown before the first call, the run is followed and its results are drawn', async ({
  app,
}) => {
  await using server = await startModels()
  await addProvider(app.page, server)
  await expectAccessible(app.page)
  const asked = server.requests.length
  await openRun(app.page)
  await choose(app.page, 'Who tries', 'north')
  const plan = app.page.getByRole('complementary', { name: 'Plan' })
  // A server of one's own has no price on the list: a ceiling cannot hold for it, so that is asked about.
  await expect(plan.getByText(/A budget cannot hold for north/)).toBeVisible()
  await app.page.getByRole('checkbox', { name: /price of north is not known/ }).check()
  await expect(plan.getByText(/28 cells, cost not known/)).toBeVisible()
  await expectAccessible(app.page)
  expect(server.requests).toHaveLength(asked)
  await plan.getByRole('button', { name: 'Run 28 cells' }).click()
  const run = app.page.getByRole('article').first()
  await expect(run.getByRole('status')).toContainText('Done. 28 of 28 cells done')
  await app.page.getByText('Results', { exact: true }).click()
  await expect(
    app.page.getByRole('region', { name: 'Runs' }).getByText('vLLM').or(app.page.getByText('north')).first(),
  ).toBeVisible()

  // The same again is known already and asks nobody.
  await app.page.getByText('Run', { exact: true }).click()
  // What was chosen is still chosen; a price that nobody knows is agreed to each time.
  await app.page.getByRole('checkbox', { name: /price of north/ }).check()
  const before = server.requests.length
  await expect(plan.getByText(/28 are known already/)).toBeVisible()
  expect(server.requests).toHaveLength(before)
})

test('a run over a part of the cases: by tag or picked, the plan follows', async ({ app }) => {
  await using server = await startModels()
  await addProvider(app.page, server)
  await openRun(app.page)
  await app.page.getByText('Cases', { exact: true }).first().click()
  await app.page.getByRole('listbox', { name: 'Cases' }).getByRole('option').first().click()
  await app.page
    .getByRole('combobox', { name: 'Tags' })
    .or(app.page.getByRole('textbox', { name: 'Tags' }))
    .first()
    .fill('urgent')
  await app.page.keyboard.press('Enter')
  await app.page.getByRole('button', { name: 'Save case' }).click()
  await expect(app.page.getByText(/ is kept\.$/)).toBeVisible()
  await app.page.getByText('Run', { exact: true }).click()
  await choose(app.page, 'Who tries', 'north')
  await app.page.getByRole('checkbox', { name: /price of north/ }).check()
  const plan = app.page.getByRole('complementary', { name: 'Plan' })
  await expect(plan.getByText(/^28 cells/)).toBeVisible()
  const by = app.page.getByRole('radiogroup', { name: 'Cases' })
  await by.getByText('Picked').click()
  await expect(plan.getByText(/Choose what is tried, by whom and on which cases/)).toBeVisible()
  const picked = app.page.getByRole('combobox', { name: 'Picked cases' })
  await picked.fill('no such case')
  await expect(app.page.getByText('No case is called that.')).toBeVisible()
  await picked.fill('')
  await picked.click()
  for (const place of [0, 1, 2]) await app.page.getByRole('option').nth(place).click()
  await app.page.keyboard.press('Escape')
  await expect(app.page.getByText('3 of 14 cases')).toBeVisible()
  await expect(plan.getByText(/^6 cells/)).toBeVisible()
  await expectAccessible(app.page)
  await by.getByText('By tag').click()
  await choose(app.page, 'Tags of the cases', 'urgent (1)')
  await expect(app.page.getByText('1 of 14 cases')).toBeVisible()
  await expect(plan.getByText(/^2 cells/)).toBeVisible()
  await by.getByText('Picked').click()
  await plan.getByRole('button', { name: 'Run 6 cells' }).click()
  const run = app.page.getByRole('article').first()
  await expect(run.getByRole('status')).toContainText(
    'Done. 6 of 6 cells done · what was spent is not known: 6 cells have no known price',
  )
  expect(new Set(server.requests.slice(1).map(request => request.messages[0]?.text)).size).toBe(3)
  // What was waited for is in sight, leads to what it found, and the form is as it was left.
  await expect(run).toBeInViewport()
  await run.getByRole('link', { name: 'See the results' }).click()
  await expect(app.page).toHaveURL(/\/benchmarks$/)
  await app.page.goBack()
  await expect(app.page.getByText('3 of 14 cases')).toBeVisible()
  await expect(app.page.getByRole('checkbox', { name: /price of north/ })).not.toBeChecked()
})

test('@browser a run is paused and goes on; nothing is asked twice', async ({ app }) => {
  let release = () => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  await using server = await modelServer(request =>
    request.number <= 3 ? { text: 'yes' } : { holdAfter: 0, until: held, reply: { text: 'later' } },
  )
  await addProvider(app.page, server)
  await openRun(app.page)
  await choose(app.page, 'Who tries', 'north')
  const plan = app.page.getByRole('complementary', { name: 'Plan' })
  await app.page.getByRole('checkbox', { name: /price of north/ }).check()
  await plan.getByRole('button', { name: 'Run 28 cells' }).click()
  const run = app.page.getByRole('article').first()
  await expect(run.getByRole('button', { name: 'Pause' })).toBeVisible()
  await server.reached(5)
  await run.getByRole('button', { name: 'Pause' }).click()
  release()
  await expect(run.getByRole('status')).toContainText('Paused; nothing is lost.')
  await run.getByRole('button', { name: 'Go on' }).click()
  await expect(run.getByRole('status')).toContainText('Done. 28 of 28 cells done')
  const prompts = server.requests.map(request => JSON.stringify(request.body))
  expect(new Set(prompts).size).toBe(prompts.length)
  await run.getByRole('button', { name: 'Remove…' }).click()
  await app.page.getByRole('menuitem', { name: 'Remove it with 28 results, for good' }).click()
  await expect(run).toHaveCount(0)
})

test('@browser a run that was killed in the middle says so and goes on where it stopped', async ({ app }) => {
  let release = () => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  await using server = await modelServer(request =>
    request.number <= 6 ? { text: 'yes' } : { holdAfter: 0, until: held, reply: { text: 'later' } },
  )
  await addProvider(app.page, server)
  await openRun(app.page)
  await choose(app.page, 'Who tries', 'north')
  await app.page.getByRole('checkbox', { name: /price of north/ }).check()
  await app.page.getByRole('complementary', { name: 'Plan' }).getByRole('button', { name: 'Run 28 cells' }).click()
  await server.reached(10)
  await app.killBackend()
  const run = app.page.getByRole('article').first()
  await expect(run.getByRole('status')).toContainText('The app ended in the middle; what was measured is kept')
  release()
  await run.getByRole('button', { name: 'Go on' }).click()
  await expect(run.getByRole('status')).toContainText('Done. 28 of 28 cells done')
})

/** Stands for an agent: says what it was asked, and what it cost, as Claude Code does. */
const AGENT = `
const prompt = require('node:fs').readFileSync(0, 'utf8')
const installed = require('node:fs').existsSync('.claude/skills/release-notes/SKILL.md')
console.log(JSON.stringify({ type: 'result', is_error: false, num_turns: 1, total_cost_usd: 0.0123,
  result: (installed ? 'with it: ' : 'without it: ') + prompt, usage: { input_tokens: 10, output_tokens: 5 } }))`

test('@browser an agent’s command line is read word for word before it may run, and then it does', async ({ app }) => {
  const { page } = app
  const program = test.info().outputPath('agent.cjs')
  await writeFile(program, AGENT)
  await openSampleSkill(page, 'release-notes')
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('link', { name: 'Model providers' }).click()
  await page.getByRole('button', { name: 'Add an agent' }).click()
  await page.getByRole('menuitem', { name: 'Another program…' }).click()
  const form = page.getByRole('dialog', { name: 'An agent’s command line' })
  await form.getByRole('textbox', { name: 'Program and arguments' }).fill(`${process.execPath}\n${program}`)
  await form.getByRole('combobox', { name: 'How its output is read' }).click()
  await page.getByRole('option', { name: 'Claude Code’s JSON' }).click()
  await form.getByRole('button', { name: 'Save' }).click()
  const consent = page.getByRole('dialog', { name: 'Allow Agent?' })
  await expect(consent).toContainText(program)
  await expectAccessible(page)
  await consent.getByRole('button', { name: 'Cancel' }).click()
  const card = page.getByRole('group', { name: 'Agent' })
  await expect(card).toContainText('not allowed yet')
  await card.getByRole('button', { name: 'Review and allow…' }).click()
  await consent.getByRole('button', { name: 'Allow…' }).click()
  const code = consent.getByRole('textbox', { name: 'Code from the terminal' })
  await code.fill('1234')
  await consent.getByRole('button', { name: 'Allow', exact: true }).click()
  await expect(consent.getByRole('alert')).toHaveText('Wrong code. 4 tries left.')
  await expect(card).toContainText('not allowed yet')
  await expectAccessible(page)
  expect(app.output.join('\n')).toContain(program)
  const [, first, second] = app.output.findLast(line => line.startsWith('To allow it'))?.match(/(\d{4}) (\d{4})$/) ?? []
  await code.fill(`${first} ${second}`)
  await consent.getByRole('button', { name: 'Allow', exact: true }).click()
  await expect(card).toContainText('✓ allowed')

  await openRun(page)
  await choose(page, 'Who tries', 'Agent')
  const plan = page.getByRole('complementary', { name: 'Plan' })
  await expect(plan.getByText(/A budget cannot hold for Agent/)).toBeVisible()
  await page.getByRole('checkbox', { name: /price of Agent is not known/ }).check()
  await page.getByRole('radiogroup', { name: 'Cases' }).getByText('Picked').click()
  await page.getByRole('combobox', { name: 'Picked cases' }).click()
  await page.getByRole('option').first().click()
  await page.keyboard.press('Escape')
  await plan.getByRole('button', { name: 'Run 2 cells' }).click()
  // It says itself what it cost.
  await expect(page.getByRole('article').first().getByRole('status')).toContainText(
    'Done. 2 of 2 cells done · 2.46¢ spent of $1.00',
  )
})

test('the gate asks for a reason and keeps it', async ({ app }) => {
  await openSampleSkill(app.page, 'release-notes')
  await tab(app.page, 'Benchmarks').click()
  await app.page.getByText('Gate', { exact: true }).click()
  await app.page.getByRole('switch').click({ force: true })
  await expect(app.page.getByRole('switch')).toBeChecked()
  await expectAccessible(app.page)
  await app.page.getByRole('button', { name: /^Publish v7/ }).click()
  const dialog = app.page.getByRole('dialog', { name: 'Publish v7 all the same?' })
  await expect(dialog.getByRole('button', { name: 'Publish against the gate' })).toBeDisabled()
  await dialog.getByRole('textbox').fill('The judge was wrong about the missing range.')
  await dialog.getByRole('button', { name: 'Publish against the gate' }).click()
  await expect(dialog).toBeHidden()
  await expect(app.page.getByText('v7 is published.')).toBeVisible()
  await expect(app.page.getByText('The judge was wrong about the missing range.')).toBeVisible()
})

test('@browser trigger tests say how often the skill is chosen when it should be', async ({ app }) => {
  await using server = await modelServer(request => {
    const wanted = request.messages.some(message => message.text.includes('release notes'))
    return wanted && request.tools.length > 0
      ? { toolCalls: [{ name: request.tools[0] ?? '', input: { name: 'release-notes', skill: 'release-notes' } }] }
      : { text: wanted ? 'release-notes' : 'none' }
  })
  await addProvider(app.page, server)
  await app.page.getByRole('link', { name: 'release-notes' }).first().click()
  await tab(app.page, 'Benchmarks').click()
  await app.page.getByText('Trigger tests', { exact: true }).click()
  for (const [place, prompt] of ['Write the release notes for v3', 'What is the capital of France?'].entries()) {
    await app.page.getByRole('button', { name: 'Add a prompt' }).click()
    await app.page.getByRole('textbox', { name: `Prompt ${place + 1}` }).fill(prompt)
  }
  await app.page.getByRole('radiogroup', { name: 'Prompt 2 should' }).getByText('should not').click()
  await app.page.getByRole('button', { name: 'Keep the prompts' }).click()
  await expect(app.page.getByText('2 prompts are kept.')).toBeVisible()
  await choose(app.page, 'Asked', 'north')
  // What it will ask and of whom comes before anything is sent; a price that nobody knows is agreed to.
  await expect(app.page.getByText(/^2 questions to north, each about \d+ tokens: cost not known$/)).toBeVisible()
  await expect(app.page.getByText('Beside 8 skills of 8')).toBeVisible()
  const asked = server.requests.length
  await expect(app.page.getByRole('button', { name: 'Run the tests' })).toBeDisabled()
  await app.page.getByRole('textbox', { name: 'How many' }).fill('3')
  await expect(app.page.getByText('Beside 3 skills of 8')).toBeVisible()
  await app.page.getByRole('checkbox', { name: /price of north is not known/ }).check()
  expect(server.requests).toHaveLength(asked)
  await app.page.getByRole('button', { name: 'Run the tests' }).click()
  const scores = app.page.getByRole('region', { name: 'Scores by wording' })
  await expect(scores.getByText('1 of 1').first()).toBeVisible()
  await expect(app.page.getByText('2 answers of north are known: nothing is asked')).toBeVisible()
  await expectAccessible(app.page)
})

test('@browser two runs are compared blind, and a result is graded by hand', async ({ app }) => {
  await openSampleSkill(app.page, 'release-notes')
  await tab(app.page, 'Benchmarks').click()
  await app.page.getByRole('button', { name: 'Compare without knowing which is which…' }).click()
  const dialog = app.page.getByRole('dialog', { name: 'Which one is better?' })
  await expect(dialog.getByRole('region', { name: 'Output A' })).toBeVisible()
  await expect(dialog).not.toContainText(/\bv[67]\b/)
  const toGo = dialog.getByText(/\d+ to go/)
  const count = async () => Number(/(\d+) to go/.exec((await toGo.textContent()) ?? '')?.[1])
  const before = await count()
  const alike = Number(/(\d+) with the same output/.exec((await toGo.textContent()) ?? '')?.[1])
  expect(alike).toBeGreaterThan(0)
  await app.page.keyboard.press('1')
  await expect.poll(count).toBe(before - 1)
  await dialog.getByRole('button', { name: 'As good (2)' }).click()
  await expect.poll(count).toBe(before - 2)
  await expectAccessible(app.page)
  await app.page.keyboard.press('Escape')
  await expect(app.page.getByText(`${alike + 1} tied`)).toBeVisible()

  const demands = app.page.getByRole('region', { name: 'Demands that went differently' }).last()
  await demands.getByRole('button').first().click()
  const grade = app.page.getByRole('textbox', { name: 'Your grade of v7, 0 to 100' })
  await grade.fill('35')
  await app.page.getByRole('region', { name: 'v7', exact: true }).getByRole('button', { name: 'Keep' }).click()
  await expect(app.page.getByText('Your grade is kept.')).toBeVisible()
  await app.page.reload()
  await demands.getByRole('button').first().click()
  await expect(grade).toHaveValue('35')
})

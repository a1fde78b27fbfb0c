import { decodeInvite, encodeInvite, type Invite } from '../../electron/registry/invite.ts'
import { storeFront } from '../faults/store-front.ts'
import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY, OTHER_CERTIFICATE, OTHER_KEY } from '../support/localhost-certificate.ts'
import { expectAccessible } from './support/accessible.ts'
import { sharedSkill } from './support/at-odds.ts'
import { expect, joinQuietly, line, sameVersions, save, test } from './support/team.ts'

const KEPT = 'Everything is kept here, and your changes wait in the queue.'

/** Why sync stands still, in words: what happened, what was kept, what to do, and the button that does it. */
test('@browser a newer registry, a full one, a password that was replaced, and a member that was removed', async ({
  pair,
  open: another,
}) => {
  const { ada, registry } = pair
  const { tenantId } = registry
  const skillId = await sharedSkill(pair, 'stopped', 'one')
  const rae = await another()
  const { page, api } = rae
  const forRae = await registry.invite('Rae', 'author')
  await joinQuietly(rae, forRae.invite)
  await page.goto(`${rae.origin}/s/${tenantId}/sync`)
  const state = page.getByRole('region', { name: 'State' })
  const says = async (brief: RegExp, ...sentences: string[]) => {
    await api.sync.now({ tenantId })
    await expect(line(page)).toHaveText(brief)
    for (const sentence of sentences) await expect(state).toContainText(sentence)
  }
  /** As the owner, past the rule that steps are never taken back. */
  const step = async (sql: string) => {
    await registry.sql('SET session_replication_role = replica')
    await registry.sql(sql)
    await registry.sql('SET session_replication_role = origin')
  }

  await step(`INSERT INTO whetstone.migrations
    SELECT (jsonb_populate_record(m, '{"id": 9990}')).* FROM whetstone.migrations m ORDER BY id DESC LIMIT 1`)
  await says(
    /^read only: newer registry$/,
    'The team’s registry was brought up to date by a newer Whetstone.',
    'Update the app, then sync now.',
  )
  await save(rae, skillId, 'mine')
  await expect(line(page)).toHaveText('read only: newer registry · 1 waiting')
  await step('DELETE FROM whetstone.migrations WHERE id = 9990')
  await says(/^synced \d\d:\d\d$/, 'Everything is synced')
  await sameVersions(rae, ada, skillId)

  await registry.sql('UPDATE whetstone.tenant_heads SET bytes_allowed = 1')
  await save(rae, skillId, 'too much')
  await says(/^no room there · 1 waiting$/, 'The team has used up its space in the registry.', KEPT, 'Ask whoever runs')
  const queue = page.getByRole('list', { name: 'Changes that wait' })
  await expect(queue).toContainText('Save a version of stopped “too much”')
  await expectAccessible(page)
  await registry.sql('UPDATE whetstone.tenant_heads SET bytes_allowed = 1000000000')
  await page.getByRole('button', { name: 'Try now' }).click()
  await expect(line(page)).toHaveText(/^synced/)

  const logins = `(SELECT role_name FROM whetstone.members WHERE user_id = '${forRae.userId}')`
  await registry.sql(`DO $$ BEGIN EXECUTE format('ALTER ROLE %I PASSWORD %L', ${logins}, 'another'); END $$`)
  await registry.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ${logins}`)
  await says(/^stopped: not let in$/, 'The registry no longer accepts this computer’s password.', KEPT)
  await expectAccessible(page)
  const fresh = await registry.invite('Rae', 'author', forRae.userId)
  await state.getByRole('button', { name: 'New invite…' }).click()
  await page.getByRole('textbox', { name: 'Invite' }).fill(fresh.invite)
  await expect(
    page.getByText('Demo team is on this computer already: this invite brings new credentials'),
  ).toBeVisible()
  await page.getByRole('button', { name: 'Use the new invite' }).click()
  await expect(page.getByRole('heading', { name: 'You are in Demo team again' })).toBeVisible()
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect(line(page)).toHaveText(/^synced/)

  await line(page).click()
  await step(`DELETE FROM whetstone.members WHERE user_id = '${forRae.userId}'`)
  await says(
    /^stopped: no member any more$/,
    'You are no member of this team any more.',
    KEPT,
    'or leave the team and keep',
  )
  await expect(state.getByRole('button')).toHaveText(['New invite…', 'Try again'])
})

test('@browser a clock far off, a key that expired, a full store, and a certificate that is not the one it was', async ({
  pair,
  open: another,
}) => {
  const { ada, registry } = pair
  const { tenantId } = registry
  const skillId = await sharedSkill(pair, 'mistrusted', 'one')
  const rae = await another()
  const { page, api } = rae
  const forRae = await registry.invite('Rae', 'author')
  await registry.certify(LOCALHOST_KEY, LOCALHOST_CERTIFICATE)
  await using front = await storeFront(() => forRae.storage.port)
  const over = altered(forRae.invite, given => {
    if (given.storage?.kind !== 'r2') throw new Error('That invite has no bucket.')
    const endpoint = new URL(given.storage.endpoint)
    endpoint.port = String(front.port)
    return { ...given, databaseCa: LOCALHOST_CERTIFICATE, storage: { ...given.storage, endpoint: endpoint.href } }
  })
  await joinQuietly(rae, over)
  await page.goto(`${rae.origin}/s/${tenantId}/sync`)
  const state = page.getByRole('region', { name: 'State' })

  for (const [n, { code, status, brief, sentences }] of [
    {
      code: 'RequestTimeTooSkewed',
      status: 403,
      brief: /^wrong clock · 1 waiting$/,
      sentences: ['This computer’s clock is too far off for the store to trust it.', 'Set the clock right'],
    },
    {
      code: 'QuotaExceeded',
      status: 403,
      brief: /^no room there · 1 waiting$/,
      sentences: ['The team’s store for content is full, or unpaid.', 'Ask whoever runs the registry for more.'],
    },
    {
      code: 'ExpiredToken',
      status: 400,
      brief: /^stopped: key expired · 1 waiting$/,
      sentences: ['The key for the team’s store has expired.', 'Ask whoever runs the registry for a new invite'],
    },
  ].entries()) {
    front.harm = () => ({ kind: 'answer', status, body: `<Error><Code>${code}</Code></Error>` })
    await save(rae, skillId, `mine ${n}`)
    await expect(line(page)).toHaveText(brief)
    for (const sentence of [...sentences, KEPT]) await expect(state).toContainText(sentence)
    await expectAccessible(page)
    front.harm = undefined
    await page.getByRole('button', { name: /^Try (now|again)$/ }).click()
    await expect(line(page)).toHaveText(/^synced/)
    await sameVersions(rae, ada, skillId)
  }

  await registry.certify(OTHER_KEY, OTHER_CERTIFICATE)
  await forRae.line.cut()
  await forRae.line.mend()
  await api.sync.now({ tenantId })
  await expect(line(page)).toHaveText('stopped: unsafe connection')
  await expect(state).toContainText('its certificate is not the one it should have.')
  await expect(state).toContainText('Do not enter anything on this network.')
  await expectAccessible(page)
  await registry.certify(LOCALHOST_KEY, LOCALHOST_CERTIFICATE)
  await state.getByRole('button', { name: 'Try again' }).click()
  await expect(line(page)).toHaveText(/^synced/)
})

function altered(text: string, how: (invite: Invite) => Invite): string {
  const read = decodeInvite(text)
  if (read.kind === 'invalid') throw new Error(read.reason)
  return encodeInvite(how(read.invite))
}

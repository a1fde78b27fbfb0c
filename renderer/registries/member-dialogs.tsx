import { modals } from '@mantine/modals'
import type { Invited, Registry, RegistryMember } from '../../shared/contract/registries.ts'
import { api } from '../api.ts'
import { tell } from '../ui/tell.ts'
import { when } from '../ui/when.ts'
import { InviteBox } from './invite-box.tsx'
import { INVITE_DAYS } from './invite-days.ts'
import { InviteForm } from './invite-form.tsx'
import classes from './registries.module.css'
import { RotateForm } from './rotate-form.tsx'
import { tellProblem } from './tell-problem.ts'

const CLOSE = { 'aria-label': 'Close' }

export function askForMember(registry: Registry): void {
  const id = modals.open({
    title: `Invite to ${registry.team}`,
    closeButtonProps: CLOSE,
    size: 'lg',
    children: (
      <InviteForm
        registry={registry}
        onInvited={invited => {
          modals.close(id)
          showInvites([invited])
        }}
      />
    ),
  })
}

/** Shown once: an invite is not kept anywhere. */
export function showInvites(invited: readonly Invited[]): void {
  const [first] = invited
  modals.open({
    title: invited.length === 1 && first ? `Invite for ${first.name}` : `${invited.length} invites`,
    closeButtonProps: CLOSE,
    size: 'lg',
    children: (
      <div className={classes.form}>
        {invited.map(({ userId, name, invite, expiresAt }) => (
          <InviteBox
            key={userId}
            invite={invite}
            title={`For ${name}`}
            titled={invited.length > 1}
            words={`Good once, until ${when(expiresAt)}. Send it by a way that only ${name} reads; it is not shown again.`}
          />
        ))}
      </div>
    ),
  })
}

export function askToRemove(registry: Registry, { userId, name, state }: RegistryMember): void {
  const joined = state === 'active'
  const bucket = registry.storage?.startsWith('bucket') === true
  modals.openConfirmModal({
    title: joined ? `Remove ${name} from ${registry.team}?` : `Take the invite of ${name} back?`,
    closeButtonProps: CLOSE,
    children: (
      <div className={classes.form}>
        <p style={{ margin: 0 }}>
          {joined
            ? `${name} loses access at once: open connections are ended, the login is deleted, and what waits unsent on their computer cannot be sent any more.`
            : `The login that was made for ${name} is deleted, so the invite is worth nothing from then on.`}
        </p>
        <p style={{ margin: 0 }}>
          Their skills, versions, ratings and feedback stay, under their name. They can be invited again.
        </p>
        {joined && bucket && (
          <p style={{ margin: 0 }}>
            The bucket’s key is the whole team’s, and they know it. To take it from them too, make a new key at the
            bucket, give it under ‘New passwords for everybody’, and delete the old one.
          </p>
        )}
      </div>
    ),
    labels: { confirm: joined ? `Remove ${name}` : 'Take it back', cancel: 'Cancel' },
    confirmProps: { color: 'red' },
    onConfirm: () =>
      void act('The member was not removed.', async () => {
        const { ended, leftBehind } = await api.registries.remove({ id: registry.id, userId })
        const closed =
          leftBehind.length > 0 ? ' The login is closed, but something still belongs to it on the server.' : ''
        const sessions =
          ended === 0 ? '' : ` ${ended} open ${ended === 1 ? 'connection was' : 'connections were'} ended.`
        tell({ message: `${name} has no access any more.${sessions}${closed}` })
      }),
  })
}

/** One more login for somebody whose work is here. */
export function inviteAgain(registry: Registry, { userId }: RegistryMember): void {
  void act('No invite was made.', async () =>
    showInvites([await api.registries.inviteAgain({ id: registry.id, userId, days: INVITE_DAYS })]),
  )
}

export function askToRotate(registry: Registry, { userId, name, state }: RegistryMember): void {
  const joined = state === 'active'
  modals.openConfirmModal({
    title: joined ? `A new password for ${name}?` : `A new invite for ${name}?`,
    closeButtonProps: CLOSE,
    children: joined
      ? `The old password is worth nothing from then on and open connections are ended. ${name} pastes the new invite into Whetstone; nothing is lost on their computer, and what waits there is sent then.`
      : `The invite that was made before is worth nothing from then on.`,
    labels: { confirm: joined ? 'Make a new password' : 'Make a new invite', cancel: 'Cancel' },
    onConfirm: () =>
      void act('Nothing was changed.', async () =>
        showInvites(await api.registries.rotate({ id: registry.id, userId, days: INVITE_DAYS })),
      ),
  })
}

export function askToRotateAll(registry: Registry): void {
  const id = modals.open({
    title: `New passwords for everybody in ${registry.team}`,
    closeButtonProps: CLOSE,
    size: 'lg',
    children: (
      <RotateForm
        registry={registry}
        onRotated={invited => {
          modals.close(id)
          showInvites(invited)
        }}
      />
    ),
  })
}

async function act(failed: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    tellProblem(error, failed)
  }
}

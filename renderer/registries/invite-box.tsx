import { Button, Group } from '@mantine/core'
import { useLocation } from 'wouter'
import { address } from '../routes.ts'
import { CopyTextButton } from '../ui/copy-button.tsx'
import { handInvite } from '../ui/handed-invite.ts'
import classes from './registries.module.css'

type Props = {
  invite: string
  title: string
  /** False where the dialog says it already. */
  titled?: boolean
  /** What it is good for, and for how long. */
  words: string
  /** Offers to use it here. */
  joinHere?: boolean
}

/** An invite to copy. It is a secret until it is used, so it is shown here and kept nowhere. */
export function InviteBox({ invite, title, titled = true, words, joinHere = false }: Props) {
  const [, navigate] = useLocation()
  const join = () => {
    handInvite(invite)
    navigate(address.join())
  }
  return (
    <section className={classes.invite} aria-label={title}>
      {titled && <h3>{title}</h3>}
      <p>{words}</p>
      <textarea readOnly rows={3} aria-label={title} value={invite} onFocus={event => event.currentTarget.select()} />
      <Group gap="sm">
        {joinHere && <Button onClick={join}>Join this team</Button>}
        <CopyTextButton text={invite} label="Copy the invite" variant="default" />
      </Group>
    </section>
  )
}

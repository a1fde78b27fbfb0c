import { Anchor, Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'wouter'
import type { Conflict } from '../../shared/contract/sync.ts'
import { api, sayError } from '../api.ts'
import { address } from '../routes.ts'
import { Time } from '../ui/time.tsx'
import { type Choice, useChoices } from './choices.ts'
import classes from './sync.module.css'

type Props = { conflict: Conflict; now: number /** Says of which skill. */; named?: boolean }

/** What happened, what was kept, and what can be chosen; the first choice is the one to suggest. */
export function ConflictNotice({ conflict, now, named = false }: Props) {
  const { happened, kept, choices, skillId, skillName } = conflict
  const { choose, busy, naming, setNaming } = useChoices(conflict)
  return (
    <article className={classes.conflict} aria-label={happened}>
      <p className={classes.happened}>{happened}</p>
      <p>{kept}</p>
      <p className={classes.quiet}>
        {named && skillId !== null && skillName !== null && (
          <>
            <Anchor component={Link} href={address.skill(skillId, 'history')} size="xs" underline="always">
              {skillName}
            </Anchor>
            {' · '}
          </>
        )}
        <Time at={conflict.at} now={now} />
      </p>
      <div className={classes.buttons}>
        {choices.map((choice, index) => (
          <Button
            key={choice.key}
            variant={index === 0 ? 'filled' : 'default'}
            disabled={busy}
            onClick={() => choose(choice)}
          >
            {choice.label}
          </Button>
        ))}
      </div>
      {naming && <NameDialog choice={naming} conflict={conflict} onClose={() => setNaming(undefined)} />}
    </article>
  )
}

type NameProps = { choice: Choice; conflict: Conflict; onClose: () => void }

/** For a choice that asks for a name. */
export function NameDialog({ choice, conflict, onClose }: NameProps) {
  const [name, setName] = useState(conflict.skillName === null ? '' : `${conflict.skillName}-2`)
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    setProblem(undefined)
    try {
      await api.sync.decideConflict({ id: conflict.id, choice: choice.key, name: name.trim() })
      onClose()
    } catch (error) {
      setProblem(sayError(error))
      setBusy(false)
    }
  }
  return (
    <Modal opened onClose={onClose} title={choice.label.replace(/…$/, '')} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        onSubmit={event => {
          event.preventDefault()
          void save()
        }}
      >
        <Stack gap="md">
          <TextInput
            label="Name"
            description="Small letters, digits and hyphens."
            value={name}
            maxLength={64}
            data-autofocus
            error={problem}
            onChange={event => setName(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={name.trim() === ''}>
              Rename it
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

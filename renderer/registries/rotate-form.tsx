import { Button, Checkbox, Group, PasswordInput, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Invited, Registry } from '../../shared/contract/registries.ts'
import { api } from '../api.ts'
import { INVITE_DAYS } from './invite-days.ts'
import { ProblemNotice } from './problem-notice.tsx'
import classes from './registries.module.css'

type Props = { registry: Registry; onRotated: (invited: readonly Invited[]) => void }

/** New passwords for all, and a new key of the bucket where one was made: after somebody who knew it has left. */
export function RotateForm({ registry, onRotated }: Props) {
  const bucket = registry.storage?.startsWith('bucket') === true && !registry.demo
  const [withKey, setWithKey] = useState(false)
  const [accessKeyId, setAccessKeyId] = useState('')
  const [secretAccessKey, setSecretAccessKey] = useState('')
  const rotate = useMutation({
    mutationFn: () =>
      api.registries.rotate({
        id: registry.id,
        userId: null,
        days: INVITE_DAYS,
        ...(withKey && { key: { accessKeyId: accessKeyId.trim(), secretAccessKey: secretAccessKey.trim() } }),
      }),
    onSuccess: onRotated,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    rotate.mutate()
  }
  const ready = !withKey || (accessKeyId.trim() !== '' && secretAccessKey.trim() !== '')
  return (
    <form onSubmit={submit} className={classes.form}>
      <p style={{ margin: 0 }}>
        Every password is worth nothing from then on, and open connections are ended. Each member pastes a new invite
        into Whetstone; nothing is lost on their computers, and what waits there is sent then.
      </p>
      {bucket && (
        <Checkbox
          label="The bucket has a new key, which goes into the invites"
          checked={withKey}
          onChange={event => setWithKey(event.currentTarget.checked)}
        />
      )}
      {withKey && (
        <div className={classes.fields}>
          <TextInput
            label="Key"
            value={accessKeyId}
            onChange={event => setAccessKeyId(event.currentTarget.value)}
            spellCheck={false}
            autoComplete="off"
          />
          <PasswordInput
            size="xs"
            label="The key’s secret"
            value={secretAccessKey}
            onChange={event => setSecretAccessKey(event.currentTarget.value)}
            autoComplete="off"
          />
        </div>
      )}
      {rotate.error && <ProblemNotice error={rotate.error} />}
      <Group gap="sm">
        <Button type="submit" color="red" disabled={!ready} loading={rotate.isPending}>
          Make new passwords for everybody
        </Button>
      </Group>
    </form>
  )
}

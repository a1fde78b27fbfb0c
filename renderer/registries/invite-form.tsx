import { Button, Group, SegmentedControl, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Invited, Registry, RegistryMember } from '../../shared/contract/registries.ts'
import { api } from '../api.ts'
import { NumberField } from '../ui/number-field.tsx'
import { INVITE_DAYS } from './invite-days.ts'
import { ProblemNotice } from './problem-notice.tsx'
import classes from './registries.module.css'
import { ROLE_WORDS, ROLES } from './words.ts'

type Props = { registry: Registry; onInvited: (invited: Invited) => void }

export function InviteForm({ registry, onInvited }: Props) {
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<RegistryMember['role']>('author')
  const [days, setDays] = useState(INVITE_DAYS)
  const make = useMutation({
    mutationFn: () => api.registries.invite({ id: registry.id, name, email: email.trim() || null, role, days }),
    onSuccess: onInvited,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <form onSubmit={submit} className={classes.form}>
      <div className={classes.fields}>
        <TextInput
          label="Name"
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          maxLength={200}
          data-autofocus
        />
        <TextInput
          label="Email (optional)"
          type="email"
          value={email}
          onChange={event => setEmail(event.currentTarget.value)}
          maxLength={320}
        />
      </div>
      <div>
        <SegmentedControl
          aria-label="Role"
          data={ROLES}
          value={role}
          onChange={value => setRole(ROLES.find(known => known.value === value)?.value ?? 'author')}
        />
        <p className={classes.words}>
          {name.trim() || 'The new member'} {ROLE_WORDS[role]}.
        </p>
      </div>
      <NumberField
        label="The invite is good for this many days"
        value={days}
        onChange={value => setDays(value ?? INVITE_DAYS)}
        min={1}
        max={90}
        clampBehavior="strict"
        w={240}
      />
      {make.error && <ProblemNotice error={make.error} />}
      <Group gap="sm">
        <Button type="submit" disabled={name.trim() === ''} loading={make.isPending}>
          Make the invite
        </Button>
      </Group>
    </form>
  )
}

import { Button, Checkbox, Group, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Invited, Registry, RegistryAccess, RegistryLook } from '../../shared/contract/registries.ts'
import type { Finding } from '../../shared/contract/sync.ts'
import { api, query, queryClient } from '../api.ts'
import { ProblemNotice } from './problem-notice.tsx'
import classes from './registries.module.css'

export type Made = {
  registry: Registry
  invited: Invited
  findings: Finding[]
  mended: string[]
  remains: string[]
}
type Props = { look: RegistryLook; access: RegistryAccess; remember: boolean; onMade: (made: Made) => void }

const STEPS = {
  connecting: 'Reaching the database…',
  storage: 'Trying the storage…',
  schema: 'Making the tables…',
  rules: 'Checking every rule…',
  invite: 'Making the first invite…',
}

/** A new team, with its first admin, who gets an invite like everybody. */
export function MakeTeam({ look, access, remember, onMade }: Props) {
  const [team, setTeam] = useState('')
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [beside, setBeside] = useState(false)
  const [step, setStep] = useState<keyof typeof STEPS>()
  const make = useMutation({
    mutationFn: async () => {
      const admin = { name, email: email.trim() || null }
      const steps = await api.registries.init({ access, team, admin, remember, besideOthers: beside })
      let next = await steps.next()
      while (!next.done) {
        setStep(next.value.step)
        next = await steps.next()
      }
      return next.value
    },
    onSuccess: made => {
      void queryClient.invalidateQueries({ queryKey: query.registries.key() })
      onMade(made)
    },
    onSettled: () => setStep(undefined),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  const ready = team.trim() !== '' && name.trim() !== '' && (look.holds !== 'others' || beside)
  return (
    <form onSubmit={submit} className={classes.next} aria-label="A new team">
      <h3>A new team</h3>
      <div className={classes.fields}>
        <TextInput
          className={classes.wide ?? ''}
          label="Name of the team"
          value={team}
          onChange={event => setTeam(event.currentTarget.value)}
          maxLength={200}
        />
        <TextInput
          label="Your name, as its first admin"
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          maxLength={200}
        />
        <TextInput
          label="Your email (optional)"
          type="email"
          value={email}
          onChange={event => setEmail(event.currentTarget.value)}
          maxLength={320}
        />
      </div>
      {look.holds === 'others' && (
        <Checkbox
          label="Make it beside the other program’s tables"
          description="Logins that are not the owner’s and not members’ cannot reach this database any more afterwards."
          checked={beside}
          onChange={event => setBeside(event.currentTarget.checked)}
        />
      )}
      {make.error && <ProblemNotice error={make.error} />}
      <Group gap="sm">
        <Button type="submit" disabled={!ready} loading={make.isPending}>
          Make the team
        </Button>
        <span role="status" className={classes.dim}>
          {step !== undefined && STEPS[step]}
        </span>
      </Group>
    </form>
  )
}

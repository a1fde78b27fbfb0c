import { Button, Checkbox, Group } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Registry, RegistryLook } from '../../shared/contract/registries.ts'
import { api, query, queryClient } from '../api.ts'
import { count } from '../ui/format.ts'
import { tell } from '../ui/tell.ts'
import { type AccessDraft, accessOf, EMPTY_ACCESS, missingIn } from './access-draft.ts'
import { AccessFields } from './access-fields.tsx'
import { isUsable, LookView } from './look-view.tsx'
import { type Made, MakeTeam } from './make-team.tsx'
import { OpenTeams } from './open-teams.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import classes from './registries.module.css'
import { type Restored, RestoreForm } from './restore-form.tsx'

const refresh = () => queryClient.invalidateQueries({ queryKey: query.registries.key() })

type Props = {
  onMade: (made: Made) => void
  /** Where rows did not go in, or not as they were. */
  onRestored: (restored: Restored) => void
  onClose: () => void
}

/**
 * Two steps: the connection is checked, which changes nothing; then, by what was found there, a team is made, opened or
 * restored. Another connection begins anew.
 */
export function SetUp({ onMade, onRestored, onClose }: Props) {
  const [draft, setDraft] = useState<AccessDraft>(EMPTY_ACCESS)
  const [tried, setTried] = useState(false)
  const [remember, setRemember] = useState(true)
  const missing = missingIn(draft)
  const look = useMutation({ mutationFn: () => api.registries.look(accessOf(draft)) })
  const change = (part: Partial<AccessDraft>) => {
    setDraft(was => ({ ...was, ...part }))
    look.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (Object.keys(missing).length === 0) look.mutate()
  }
  const kept = (registry: Registry, words: string) => {
    void refresh()
    tell({ message: words })
    if (registry.login === 'session' && remember)
      tell({ message: 'The keychain did not take the owner’s login. It is known until the app closes.' })
    onClose()
  }
  return (
    <div className={classes.form}>
      <form onSubmit={submit} className={classes.form} aria-label="Owner’s login">
        <AccessFields draft={draft} missing={tried ? missing : {}} onChange={change} />
        <Checkbox
          label="Remember the owner’s login on this computer"
          description="In the system’s keychain; where there is none, in a file that only you can read. Otherwise it is forgotten when the app closes."
          checked={remember}
          onChange={event => setRemember(event.currentTarget.checked)}
        />
        <Group gap="sm">
          <Button type="submit" variant={look.data ? 'default' : 'filled'} loading={look.isPending}>
            Check the connection
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <span className={classes.dim}>Checking changes nothing.</span>
        </Group>
      </form>
      {look.error && <ProblemNotice error={look.error} />}
      {look.data && <LookView look={look.data} />}
      {look.data && isUsable(look.data) && (
        <Next
          look={look.data}
          draft={draft}
          remember={remember}
          onMade={onMade}
          onRestored={onRestored}
          onKept={kept}
        />
      )}
    </div>
  )
}

type NextProps = {
  look: RegistryLook
  draft: AccessDraft
  remember: boolean
  onMade: (made: Made) => void
  onRestored: (restored: Restored) => void
  onKept: (registry: Registry, words: string) => void
}

function Next({ look, draft, remember, onMade, onRestored, onKept }: NextProps) {
  const access = accessOf(draft)
  return (
    <>
      {look.teams.length > 0 && (
        <OpenTeams
          teams={look.teams}
          access={access}
          remember={remember}
          onOpened={registry => onKept(registry, `${registry.team} is administered from this computer now.`)}
        />
      )}
      <MakeTeam look={look} access={access} remember={remember} onMade={onMade} />
      {look.teams.length === 0 && look.holds !== 'others' && (
        <RestoreForm
          access={access}
          remember={remember}
          onRestored={restored => {
            const { registry, users, told } = restored
            if (told.length > 0) onRestored(restored)
            const but = told.length === 0 ? '' : `, but for ${count(told.length, 'row')} named at the top of this page`
            onKept(
              registry,
              `${registry.team} is restored${but}. Nobody has a login yet: invite its ${users} members again.`,
            )
          }}
        />
      )}
    </>
  )
}

import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { Registry, RegistryAccess, RegistryLook } from '../../shared/contract/registries.ts'
import { api } from '../api.ts'
import { count } from '../ui/format.ts'
import { ProblemNotice } from './problem-notice.tsx'
import classes from './registries.module.css'

type Props = {
  teams: RegistryLook['teams']
  access: RegistryAccess
  remember: boolean
  onOpened: (registry: Registry) => void
}

/** Teams that are there already, to be administered from this computer too. */
export function OpenTeams({ teams, access, remember, onOpened }: Props) {
  const open = useMutation({
    mutationFn: (tenantId: string) => api.registries.open({ access, tenantId, remember }),
    onSuccess: onOpened,
  })
  return (
    <section className={classes.next} aria-label="Teams that are there">
      <h3>Teams that are there</h3>
      <ul className={classes.teams}>
        {teams.map(({ tenantId, name, members }) => (
          <li key={tenantId}>
            <span>
              {name} <span className={classes.dim}>· {count(members, 'login')}</span>
            </span>
            <Button
              variant="default"
              aria-label={`Open ${name}`}
              loading={open.isPending && open.variables === tenantId}
              onClick={() => open.mutate(tenantId)}
            >
              Open
            </Button>
          </li>
        ))}
      </ul>
      {open.error && <ProblemNotice error={open.error} />}
    </section>
  )
}

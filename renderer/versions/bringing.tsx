import { Button, Progress } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { VersionRow } from '../../shared/contract/versions.ts'
import { query } from '../api.ts'
import { bytes } from '../ui/format.ts'
import { useTeam } from '../ui/team.ts'
import { versionName } from '../ui/version-name.ts'
import classes from './history.module.css'

type Props = { row: VersionRow; tenantId: string; onBack: () => void }

/** While a version's content comes from its team: how far it is. Whoever goes back has it brought all the same. */
export function Bringing({ row, tenantId, onBack }: Props) {
  const team = useTeam(tenantId)
  const all = useQuery(query.sync.bringing.queryOptions()).data
  const at = all?.find(each => each.versionId === row.id)
  const name = `Bringing the content of ${versionName(row)} from ${team?.name ?? 'the team'}`
  return (
    <div className={classes.bringing} role="status" aria-busy>
      <p>
        {name}
        {at && at.total > 0 ? `: ${bytes(at.done)} of ${bytes(at.total)}.` : '…'}
      </p>
      <Progress
        aria-label={name}
        value={at && at.total > 0 ? (100 * at.done) / at.total : 100}
        animated={!at || at.done === 0}
      />
      <div>
        <Button variant="default" onClick={onBack}>
          Back to the history
        </Button>
      </div>
    </div>
  )
}

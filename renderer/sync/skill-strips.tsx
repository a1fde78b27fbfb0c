import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { SkillDetail } from '../../shared/contract/skills.ts'
import type { Conflict } from '../../shared/contract/sync.ts'
import { query } from '../api.ts'
import { useTeam, whyReadOnly } from '../ui/team.ts'
import { useChoices } from './choices.ts'
import { NameDialog } from './conflict-notice.tsx'
import classes from './sync.module.css'

const NONE: Conflict[] = []

/** What a person should decide about one skill. */
export function useSkillConflicts(skill: SkillDetail): Conflict[] {
  const team = useTeam(skill.tenantId)
  const conflicts = useQuery({
    ...query.sync.conflicts.queryOptions({ input: { tenantId: skill.tenantId } }),
    enabled: team !== undefined,
  })
  return conflicts.data?.filter(conflict => conflict.skillId === skill.id) ?? NONE
}

type Props = { skill: SkillDetail /** Said elsewhere on the same screen. */; except: readonly Conflict['kind'][] }

/** Lines above a team's skill: why it cannot be edited, and what is to be decided about it. */
export function SkillStrips({ skill, except }: Props) {
  const team = useTeam(skill.tenantId)
  const readOnly = whyReadOnly(team)
  const conflicts = useSkillConflicts(skill).filter(conflict => !except.includes(conflict.kind))
  return (
    <>
      {readOnly !== undefined && (
        <div className={classes.strip} data-quiet role="status">
          <span>{readOnly}</span>
        </div>
      )}
      {conflicts.map(conflict => (
        <ConflictStrip key={conflict.id} conflict={conflict} />
      ))}
    </>
  )
}

/** What leads to where one is already is left out. */
const isHere = ({ kind }: Conflict, { leads }: Conflict['choices'][number]) => leads === 'open' && kind !== 'review'

/** The same as on the team's page, in one line. */
function ConflictStrip({ conflict }: { conflict: Conflict }) {
  const { choose, busy, naming, setNaming } = useChoices(conflict)
  const choices = conflict.choices.filter(choice => !isHere(conflict, choice))
  return (
    <div className={classes.strip} role="status">
      <span>
        <strong>{conflict.happened}</strong> {conflict.kept}
      </span>
      <span className={classes.choices}>
        {choices.map((choice, index) => (
          <Button
            key={choice.key}
            size="compact-sm"
            variant={index === 0 ? 'filled' : 'default'}
            disabled={busy}
            onClick={() => choose(choice)}
          >
            {choice.label}
          </Button>
        ))}
      </span>
      {naming && <NameDialog choice={naming} conflict={conflict} onClose={() => setNaming(undefined)} />}
    </div>
  )
}

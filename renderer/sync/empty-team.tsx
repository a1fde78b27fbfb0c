import { Button } from '@mantine/core'
import { IconUsers } from '@tabler/icons-react'
import { useLocation } from 'wouter'
import type { ShownTeam } from '../../shared/contract/sync.ts'
import { address } from '../routes.ts'
import { useSpaces } from '../ui/current-space.ts'
import { showDialog } from '../ui/dialogs.ts'
import { Empty } from '../ui/empty.tsx'
import { sayProgress } from '../ui/sync-words.ts'
import { whyReadOnly } from '../ui/team.ts'

/** A team's library with nothing in it: because it is still coming, was not started, or because nobody shared anything. */
export function EmptyTeam({ team }: { team: ShownTeam }) {
  const [, navigate] = useLocation()
  const personal = useSpaces().spaces.find(space => space.kind === 'personal')
  const icon = <IconUsers size={32} stroke={1} />
  if (team.syncedAt === null)
    return (
      <Empty
        icon={icon}
        title={team.state === 'paused' ? `${team.name} has not been brought yet` : `${team.name} is on its way`}
        actions={<Button onClick={() => navigate(address.sync(team.tenantId))}>See how it is doing</Button>}
      >
        {team.progress ? `${sayProgress(team.progress)}.` : 'Skills show here as they arrive.'}
      </Empty>
    )
  return (
    <Empty
      icon={icon}
      title={`${team.name} has no skills yet`}
      actions={
        whyReadOnly(team) === undefined && (
          <>
            <Button onClick={() => showDialog('new-skill')}>New skill…</Button>
            {personal && personal.skills > 0 && (
              <Button variant="default" onClick={() => navigate(address.library(personal.tenantId))}>
                Share one of your own…
              </Button>
            )}
          </>
        )
      }
    >
      What anybody in the team shares or makes here comes to everybody. To share a skill of your own, open it and choose
      ‘Share to team…’ from its menu.
    </Empty>
  )
}

import { Button, Radio, Stack } from '@mantine/core'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { api } from '../api.ts'
import { address } from '../routes.ts'
import { count } from '../ui/format.ts'
import { useTeam } from '../ui/team.ts'
import { tellError } from '../ui/tell.ts'
import { FindingList } from './finding-list.tsx'
import type { Joined } from './joining.ts'
import { CONTENT_CHOICES, type KeptContent, readContent } from './kept-content.ts'
import classes from './sync.module.css'

/** Joined, and nothing brought yet: what the registry says of itself, what will come, and which content to keep here. */
export function JoinedTeam({ joined, team }: { joined: Joined; team: string }) {
  const [, navigate] = useLocation()
  const known = useTeam(joined.tenantId)
  const [chosen, setChosen] = useState<KeptContent>()
  // A team that was here before goes on as it was.
  const again = known !== undefined && known.syncedAt !== null
  const content = chosen ?? (again ? known.content : 'all')
  const [starting, setStarting] = useState(false)
  const start = async () => {
    setStarting(true)
    try {
      await api.sync.start({ tenantId: joined.tenantId, content })
      navigate(address.library(joined.tenantId))
    } catch (error) {
      setStarting(false)
      tellError(error, 'Sync did not start. You have joined; start it from the team’s sync page.')
    }
  }
  return (
    <>
      <h2>
        You are in {team}
        {again && ' again'}
      </h2>
      <p>
        {joined.inFile
          ? 'This computer has no keychain that can be used, so your password and key are in a file in Whetstone’s data folder that only your user can read. Whoever can read your files can read it.'
          : 'Your password and key are in this computer’s keychain.'}
      </p>
      <Findings joined={joined} />
      <h2>What will come</h2>
      <p>{again ? 'Sync goes on where it was; nothing that is here or waits is lost.' : sayComing(joined)}</p>
      <Radio.Group label="Keep on this computer" value={content} onChange={value => setChosen(readContent(value))}>
        <Stack gap="sm" mt="xs">
          {CONTENT_CHOICES.map(({ value, label, description }) => (
            <Radio key={value} value={value} label={label} description={description} />
          ))}
        </Stack>
      </Radio.Group>
      <div className={classes.buttons} style={{ marginTop: 16 }}>
        <Button onClick={() => void start()} loading={starting}>
          {again ? 'Go on' : 'Start'}
        </Button>
      </div>
    </>
  )
}

function sayComing({ skills, versions }: Joined): string {
  if (skills === null || versions === null) return 'All that the team shares. You can work while it arrives.'
  if (skills === 0) return 'Nothing yet: nobody has shared a skill there.'
  return `${count(skills, 'skill')} with ${count(versions, 'version')}. You can work in the team’s library while they arrive.`
}

/** Of a registry that keeps its rules one line; of another one each rule that it breaks, and what its keeper can do. */
function Findings({ joined: { findings, skills } }: { joined: Joined }) {
  const broken = findings.filter(finding => finding.state === 'fail')
  const advice = findings.filter(finding => finding.state === 'advice')
  const passed = findings.filter(finding => finding.state === 'pass').length
  return (
    <section aria-label="The registry">
      <h2>The registry</h2>
      {skills === null ? (
        <p>It could not be asked just now whether it keeps its rules. That is asked again once it has synced.</p>
      ) : broken.length === 0 ? (
        <p>✓ All well: it keeps {count(passed, 'rule')} that a member can see.</p>
      ) : (
        <p>
          ⚠ It breaks {count(broken.length, 'rule')} of {findings.length}. You can go on; tell whoever runs the
          registry, for only they can mend it.
        </p>
      )}
      <FindingList findings={[...broken, ...advice]} />
    </section>
  )
}

import { Button, Radio, Stack, Switch } from '@mantine/core'
import { useState } from 'react'
import type { ShownTeam } from '../../shared/contract/sync.ts'
import { api } from '../api.ts'
import { tellError } from '../ui/tell.ts'
import { CONTENT_CHOICES, readContent } from './kept-content.ts'
import { LeaveDialog } from './leave-dialog.tsx'
import classes from './sync.module.css'

/** What one may choose for a team; each takes effect at once. */
export function TeamSettings({ team }: { team: ShownTeam }) {
  const [leaving, setLeaving] = useState(false)
  const { tenantId } = team
  const or = (work: Promise<unknown>) => void work.catch(error => tellError(error, 'That setting was not kept.'))
  return (
    <section className={classes.section} aria-labelledby="team-settings">
      <h2 id="team-settings">Settings of this team</h2>
      <Stack gap="md">
        {team.state !== 'left' && (
          <Radio.Group
            label="Keep on this computer"
            value={team.content}
            onChange={value => {
              const content = readContent(value)
              if (content) or(api.sync.start({ tenantId, content }))
            }}
          >
            <Stack gap="xs" mt="xs">
              {CONTENT_CHOICES.map(({ value, label, description }) => (
                <Radio key={value} value={value} label={label} description={description} />
              ))}
            </Stack>
          </Radio.Group>
        )}
        <Switch
          label="Tell me what arrives"
          description="New versions of skills that you wrote or opened, feedback on your own, and what needs you: summed up, at most once a minute."
          checked={team.notify}
          onChange={event => or(api.sync.setNotify({ tenantId, notify: event.currentTarget.checked }))}
        />
        <div>
          <Button variant="default" onClick={() => setLeaving(true)}>
            {team.state === 'left' ? 'Remove the copy…' : `Leave ${team.name}…`}
          </Button>
        </div>
      </Stack>
      {leaving && <LeaveDialog team={team} onClose={() => setLeaving(false)} />}
    </section>
  )
}

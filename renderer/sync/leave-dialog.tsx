import { Button, Group, Modal, Radio, Stack } from '@mantine/core'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { ShownTeam } from '../../shared/contract/sync.ts'
import { api, query, queryClient, sayError } from '../api.ts'
import { address } from '../routes.ts'
import { useSpaces } from '../ui/current-space.ts'
import { count } from '../ui/format.ts'
import { tell } from '../ui/tell.ts'

/** Leaves a team and keeps or removes the copy here, saying exactly what goes. */
export function LeaveDialog({ team, onClose }: { team: ShownTeam; onClose: () => void }) {
  const [, navigate] = useLocation()
  const left = team.state === 'left'
  const [copy, setCopy] = useState<'keep' | 'remove'>(left ? 'remove' : 'keep')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const space = useSpaces().spaces.find(each => each.tenantId === team.tenantId)
  const leave = async () => {
    setBusy(true)
    setProblem(undefined)
    try {
      await api.sync.leave({ tenantId: team.tenantId, copy })
      onClose()
      if (copy === 'remove') navigate(address.home())
      await Promise.all(
        [query.spaces.key(), query.sync.key()].map(queryKey => queryClient.invalidateQueries({ queryKey })),
      )
      tell({
        message:
          copy === 'remove'
            ? `The copy of ${team.name} is gone from this computer.`
            : `You have left ${team.name}. The copy stays on this computer.`,
      })
    } catch (error) {
      setProblem(sayError(error))
      setBusy(false)
    }
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={left ? 'Remove the copy?' : `Leave ${team.name}?`}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="md">
        {!left && (
          <>
            <span>
              This computer’s password and key are thrown away; to come back you need a new invite. What you sent stays
              with the team.
            </span>
            <Radio.Group
              label="The copy on this computer"
              value={copy}
              onChange={value => setCopy(value === 'remove' ? 'remove' : 'keep')}
            >
              <Stack gap="xs" mt="xs">
                <Radio
                  value="keep"
                  label="Keep it"
                  description="It stays a library here, and is no longer synced. What waits is sent if you join again."
                />
                <Radio value="remove" label="Remove it" description={sayRemoved(space?.skills, space?.versions)} />
              </Stack>
            </Radio.Group>
          </>
        )}
        {copy === 'remove' && <strong>{sayLost(team)}</strong>}
        {problem !== undefined && <span role="alert">{problem}</span>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button color={copy === 'remove' ? 'red' : undefined} onClick={() => void leave()} loading={busy}>
            {left ? 'Remove the copy' : copy === 'remove' ? 'Leave and remove the copy' : 'Leave and keep the copy'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

const sayRemoved = (skills = 0, versions = 0): string =>
  `${count(skills, 'skill')} with ${count(versions, 'version')} go from this computer. The team’s own are not touched.`

/** Exactly what nobody else has. */
function sayLost({ unsent, edited, name }: ShownTeam): string {
  const lost = [
    unsent > 0 && `${count(unsent, 'change')} that ${unsent === 1 ? 'was' : 'were'} never sent`,
    edited > 0 && `unsaved edits in ${count(edited, 'skill')}`,
  ].filter(Boolean)
  return lost.length === 0
    ? `Nothing is lost by it: ${name} has everything that is here.`
    : `This goes for good, for nobody else has it: ${lost.join(', and ')}.`
}

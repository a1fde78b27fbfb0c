import { Button, Group, Loader } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import type { DemoStatus } from '../../shared/contract/registries.ts'
import { api, query, queryClient, sayError } from '../api.ts'
import { address } from '../routes.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { tellError } from '../ui/tell.ts'
import { InviteBox } from './invite-box.tsx'
import classes from './registries.module.css'
import { Section } from './section.tsx'

const refresh = () => queryClient.invalidateQueries({ queryKey: query.registries.key() })

/** A whole registry on this computer with one click, for trying what a team is like. */
export function DemoSection() {
  // Asked anew each time one comes back: joining its team shows nowhere else.
  const status = useQuery({ ...query.registries.demo.status.queryOptions(), staleTime: 0 })
  const start = useMutation({
    mutationFn: () => api.registries.demo.start(),
    onSettled: refresh,
    onError: error => tellError(error, 'The demo registry was not started.'),
  })
  const stop = useMutation({
    mutationFn: () => api.registries.demo.stop(),
    onSettled: refresh,
    onError: error => tellError(error, 'The demo registry was not stopped.'),
  })
  const demo = status.data
  return (
    <Section
      title="Try a team registry on this computer"
      words="A real database and storage, on this computer alone, without an account. It stops when the app closes; what you put into it is kept."
    >
      {status.error && (
        <ErrorNotice
          happened={sayError(status.error)}
          remedies={[{ label: 'Try again', run: () => void status.refetch() }]}
        />
      )}
      {demo && <Demo demo={demo} start={() => start.mutate()} stop={() => stop.mutate()} />}
    </Section>
  )
}

type Props = { demo: DemoStatus; start: () => void; stop: () => void }

function Demo({ demo, start, stop }: Props) {
  switch (demo.state) {
    case 'off':
      return (
        <>
          {demo.problem !== null && (
            <ErrorNotice happened={demo.problem} kept="Your own library does not depend on it." />
          )}
          <Group gap="sm">
            <Button onClick={start}>{demo.kept ? 'Start the demo registry again' : 'Try a team registry'}</Button>
            {demo.kept && <span className={classes.dim}>What it holds is in {demo.folder}</span>}
          </Group>
        </>
      )
    case 'starting':
      return (
        <>
          <Steps steps={demo.steps} />
          <div>
            <Button variant="default" onClick={stop}>
              Cancel
            </Button>
          </div>
        </>
      )
    case 'running':
      return <Running demo={demo} stop={stop} />
    case 'stopping':
      return <Busy words="Stopping the demo registry…" />
    default:
      return demo.state satisfies never
  }
}

/** The last thing said of each part; a part is done when it says that it is ready. */
function Steps({ steps }: { steps: DemoStatus['steps'] }) {
  const last = new Map(steps.map(({ step, message }) => [step, message]))
  if (last.size === 0) return <Busy words="Starting…" />
  return (
    <ul className={classes.steps} role="status">
      {[...last].map(([step, message]) => (
        <li key={step}>
          {/is ready|is running/.test(message) ? (
            <IconCheck size={16} className={classes.good} aria-hidden />
          ) : (
            <Loader size={14} color="gray" aria-hidden />
          )}
          {message}
        </li>
      ))}
    </ul>
  )
}

function Busy({ words }: { words: string }) {
  return (
    <Group gap="sm" role="status">
      <Loader size={14} color="gray" aria-hidden />
      <span>{words}</span>
    </Group>
  )
}

function Running({ demo, stop }: { demo: DemoStatus; stop: () => void }) {
  const [, navigate] = useLocation()
  const { invite, joined, tenantId } = demo
  return (
    <>
      <p className={classes.running} role="status">
        <IconCheck size={16} className={classes.good} aria-hidden />
        The demo registry is running.
      </p>
      {invite !== null && (
        <InviteBox
          invite={invite}
          title={joined ? 'Invite for one more member' : 'Your invite'}
          words={
            joined
              ? 'You are in the team already. This one is for another Whetstone on this computer, with a library folder of its own.'
              : 'Join the team with it. You will be its first admin.'
          }
          joinHere={!joined}
        />
      )}
      <Group gap="sm">
        {joined && tenantId !== null && (
          <Button onClick={() => navigate(address.library(tenantId))}>Open the team’s library</Button>
        )}
        <Button variant="default" onClick={stop}>
          Stop the demo registry
        </Button>
      </Group>
    </>
  )
}

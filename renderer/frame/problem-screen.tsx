import { Button, Group } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { LibraryStatus } from '../../shared/contract/system.ts'
import { api, desktop, queryClient, sayError } from '../api.ts'
import { useDesktopAbout } from '../ui/desktop-about.ts'
import { tell } from '../ui/tell.ts'
import classes from './frame.module.css'
import { RebuiltScreen, useRebuild } from './rebuilding.tsx'

type Problem = Extract<LibraryStatus, { state: 'problem' }>

/** Any other file is not broken, or not ours to move: setting it aside would be the wrong advice. */
const MENDABLE: readonly Problem['code'][] = ['BROKEN', 'OLDER']

/** The library could not be opened: what happened, what was kept, what to do, instead of everything else. */
export function ProblemScreen({ problem }: { problem: Problem }) {
  const about = useDesktopAbout()
  const rebuild = useRebuild()
  const openAsItIs = useMutation({
    mutationFn: () => api.system.openAsItIs(),
    onSuccess: () => queryClient.invalidateQueries(),
  })
  const startFresh = useMutation({
    mutationFn: () => api.system.startFresh(),
    onSuccess: async ({ movedTo }) => {
      await queryClient.invalidateQueries()
      tell({ title: 'An empty library was started', message: `The old one is kept at ${movedTo}` })
    },
  })
  if (rebuild.state.at === 'done') return <RebuiltScreen report={rebuild.state.report} />
  const rebuilding = rebuild.state.at === 'rebuilding'
  const error = startFresh.error ?? openAsItIs.error
  return (
    <main className={classes.screen}>
      <div>
        <h1>The library could not be opened</h1>
        <dl className={classes.parts}>
          <dt>What happened</dt>
          <dd>{problem.happened}</dd>
          <dt>What was kept</dt>
          <dd>{problem.kept}</dd>
          <dt>What you can do</dt>
          <dd>{problem.todo}</dd>
          <dt>Where it is</dt>
          <dd>
            <code>{problem.path}</code>
          </dd>
          {problem.backups.length > 0 && (
            <>
              <dt>Backups, newest first</dt>
              {problem.backups.map(path => (
                <dd key={path}>
                  <code>{path}</code>
                </dd>
              ))}
            </>
          )}
        </dl>
        {error && <p role="alert">{sayError(error)}</p>}
        {rebuild.state.at === 'failed' && (
          <p role="alert">The library was not rebuilt, and nothing was changed. {rebuild.state.words}</p>
        )}
        {rebuild.state.at === 'rebuilding' && <p role="status">{rebuild.state.words}</p>}
        <Group gap="sm">
          {MENDABLE.includes(problem.code) && (
            <Button loading={rebuilding} onClick={rebuild.start}>
              Rebuild the library
            </Button>
          )}
          {rebuilding && (
            <Button variant="default" onClick={rebuild.stop}>
              Stop
            </Button>
          )}
          {problem.code === 'OLDER' && !rebuilding && (
            <Button variant="default" loading={openAsItIs.isPending} onClick={() => openAsItIs.mutate()}>
              Open it as it is
            </Button>
          )}
          <Button
            variant={MENDABLE.includes(problem.code) ? 'default' : 'filled'}
            disabled={rebuilding}
            onClick={() => window.location.reload()}
          >
            Try again
          </Button>
          {about?.reveal === true && (
            <Button variant="default" onClick={() => void desktop.reveal({ path: problem.path })}>
              Show the file
            </Button>
          )}
          {MENDABLE.includes(problem.code) && (
            <Button
              variant="default"
              disabled={rebuilding}
              loading={startFresh.isPending}
              onClick={() => startFresh.mutate()}
            >
              Set it aside and start an empty library
            </Button>
          )}
        </Group>
      </div>
    </main>
  )
}

/** The host doesn't know this tab: only a link that it printed, or a connected tab, lets it in. */
export function RefusedScreen() {
  return (
    <main className={classes.screen}>
      <div>
        <h1>This tab isn’t connected</h1>
        <p>Whetstone was restarted, this browser was disconnected, or the tab was opened without a link.</p>
        <p>Your library is unchanged.</p>
        <p>
          Reopen from the newest link in the terminal where Whetstone runs. If another tab is connected, try again here,
          or copy a link from its settings.
        </p>
        <Button onClick={() => window.location.reload()}>Try again</Button>
      </div>
    </main>
  )
}

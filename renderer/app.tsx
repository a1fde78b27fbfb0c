import { useMantineColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useEffect } from 'react'
import { Redirect, Route, Switch } from 'wouter'
import { useStore } from 'zustand'
import { api, desktop, query, sayError } from './api.ts'
import { links } from './connection.ts'
import { FeedbackPage } from './feedback/feedback-page.tsx'
import { Frame } from './frame/frame.tsx'
import { useFrame } from './frame/frame-store.ts'
import { ProblemScreen, RefusedScreen } from './frame/problem-screen.tsx'
import { FirstRun } from './imports/first-run.tsx'
import { ImportDialog } from './imports/import-dialog.tsx'
import { useImportJob } from './imports/import-job.ts'
import { ImportTask } from './imports/import-progress.tsx'
import { openQuickOpen, QuickOpen } from './quick-open/quick-open.tsx'
import { address, PATTERNS, readSkillTab } from './routes.ts'
import { SettingsPage, useColorSchemeSetting } from './settings/settings-page.tsx'
import { NewSkillDialog } from './skills/create/new-skill-dialog.tsx'
import { LibraryPage } from './skills/list/library-page.tsx'
import { useOpenSample } from './spaces/sample.tsx'
import { SampleStrip } from './spaces/sample-strip.tsx'
import { SpaceSwitcher } from './spaces/space-switcher.tsx'
import { EmptyTeam } from './sync/empty-team.tsx'
import { useNews } from './sync/news.ts'
import { ShareDialog } from './sync/share-dialog.tsx'
import { useSpaces } from './ui/current-space.ts'
import { useDialogs } from './ui/dialogs.ts'
import { Empty } from './ui/empty.tsx'
import { ErrorNotice } from './ui/error-notice.tsx'
import { useTeam } from './ui/team.ts'
import { tellError } from './ui/tell.ts'
import { Waiting } from './ui/waiting.tsx'

const SkillPage = lazy(async () => ({ default: (await import('./skills/page/skill-page.tsx')).SkillPage }))
const ComparePage = lazy(async () => ({ default: (await import('./compare/compare-page.tsx')).ComparePage }))
const RegistriesPage = lazy(async () => ({
  default: (await import('./registries/registries-page.tsx')).RegistriesPage,
}))
const JoinPage = lazy(async () => ({ default: (await import('./sync/join-page.tsx')).JoinPage }))
const SyncPage = lazy(async () => ({ default: (await import('./sync/sync-page.tsx')).SyncPage }))
const ProvidersPage = lazy(async () => ({ default: (await import('./providers/providers-page.tsx')).ProvidersPage }))
const MergePage = lazy(async () => ({ default: (await import('./merges/merge-page.tsx')).MergePage }))

/** The features joined: they know nothing of each other. */
export function App() {
  return (
    <LibraryGate>
      <Window />
    </LibraryGate>
  )
}

/** Everything else waits until there is a library that can be read. */
function LibraryGate({ children }: { children: ReactNode }) {
  const refused = useStore(links.app.connection, connection => connection.refused === true)
  const info = useQuery(query.system.info.queryOptions())
  if (refused) return <RefusedScreen />
  if (info.data?.library.state === 'problem') return <ProblemScreen problem={info.data.library} />
  if (info.error && info.data === undefined)
    return (
      <ErrorNotice
        happened={`Whetstone did not start. ${sayError(info.error)}`}
        kept="Your library is untouched."
        remedies={[{ label: 'Try again', run: () => void info.refetch() }]}
      />
    )
  return children
}

function Window() {
  useColorSchemeSetting()
  const openSample = useOpenSample()
  const { current } = useSpaces()
  const setScheme = useSetScheme()
  const opened = useFrame(state => state.recents)
  const recents = opened.filter(recent => recent.tenantId === current?.tenantId)
  useNews(opened.map(recent => recent.skillId))
  return (
    <>
      <Frame switcher={rail => <SpaceSwitcher rail={rail} />} task={useImportTask()} openJump={openQuickOpen}>
        <Suspense fallback={<Waiting what="Loading…" />}>
          <Places openSample={() => openSample.mutate()} openingSample={openSample.isPending} />
        </Suspense>
      </Frame>
      <QuickOpen openSample={() => openSample.mutate()} setScheme={setScheme} recents={recents} />
      <ImportDialog />
      <NewSkillDialog />
      <ShareDialog />
    </>
  )
}

function Places({ openSample, openingSample }: { openSample: () => void; openingSample: boolean }) {
  return (
    <Switch>
      <Route path="/">
        <Home />
      </Route>
      <Route path={PATTERNS.library}>
        {({ tenantId }) => (
          <Library key={tenantId} tenantId={tenantId} openSample={openSample} openingSample={openingSample} />
        )}
      </Route>
      <Route path={PATTERNS.feedback}>{({ tenantId }) => <FeedbackPage key={tenantId} tenantId={tenantId} />}</Route>
      <Route path={PATTERNS.sync}>{({ tenantId }) => <SyncPage key={tenantId} tenantId={tenantId} />}</Route>
      <Route path={PATTERNS.join}>
        <JoinPage />
      </Route>
      <Route path={PATTERNS.skill}>
        {({ id, tab }) => <SkillPage key={id} skillId={id} tab={readSkillTab(tab)} />}
      </Route>
      <Route path={PATTERNS.compare}>
        <ComparePage />
      </Route>
      <Route path={PATTERNS.merge}>
        <MergePage />
      </Route>
      <Route path={PATTERNS.providers}>
        <ProvidersPage />
      </Route>
      <Route path={PATTERNS.settings}>
        <SettingsPage />
      </Route>
      <Route path={PATTERNS.registries}>
        <RegistriesPage />
      </Route>
      <Route path={PATTERNS.imports}>
        <ImportPlace />
      </Route>
      <Route>
        <Empty title="There is nothing at this address">The library is one step away, at the left.</Empty>
      </Route>
    </Switch>
  )
}

type LibraryProps = { tenantId: string; openSample: () => void; openingSample: boolean }

function Library({ tenantId, openSample, openingSample }: LibraryProps) {
  const { spaces } = useSpaces()
  const space = spaces.find(other => other.tenantId === tenantId)
  const team = useTeam(tenantId)
  // A sample that was thrown away, or an address from another computer.
  if (spaces.length > 0 && space === undefined) return <Home />
  return (
    <LibraryPage
      tenantId={tenantId}
      firstRun={team ? <EmptyTeam team={team} /> : <FirstRun onOpenSample={openSample} openingSample={openingSample} />}
      strip={space?.kind === 'sample' && <SampleStrip space={space} />}
    />
  )
}

/** The library one was in last. */
function Home() {
  const { current, error, retry } = useSpaces()
  if (current) return <Redirect to={address.library(current.tenantId)} replace />
  if (error === null) return <Waiting what="Opening the library…" />
  return (
    <ErrorNotice
      happened={`The library could not be read. ${sayError(error)}`}
      kept="Nothing was changed."
      remedies={[{ label: 'Try again', run: retry }]}
    />
  )
}

/** The import's own address: its dialog over the library. */
function ImportPlace() {
  const show = useDialogs(state => state.show)
  useEffect(() => show('import'), [show])
  return <Home />
}

/** An import that runs while its dialog is closed. */
function useImportTask(): ReactNode {
  const job = useImportJob(state => state.job)
  const { open, show } = useDialogs()
  return job.state === 'running' && open !== 'import' ? <ImportTask job={job} onOpen={() => show('import')} /> : null
}

function useSetScheme(): (scheme: 'light' | 'dark') => void {
  const { setColorScheme } = useMantineColorScheme()
  return scheme => {
    setColorScheme(scheme)
    void desktop.setColorScheme({ scheme }).catch(() => {})
    void api.settings.set({ colorScheme: scheme }).catch(error => tellError(error, 'That setting was not saved.'))
  }
}

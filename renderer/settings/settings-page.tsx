import {
  Button,
  Code,
  Group,
  SegmentedControl,
  Select,
  Stack,
  Text,
  TextInput,
  useMantineColorScheme,
} from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { Link } from 'wouter'
import type { Settings } from '../../shared/contract/settings.ts'
import { api, desktop, query, queryClient, sayError } from '../api.ts'
import { address } from '../routes.ts'
import { CheckLibrary } from '../ui/check-library.tsx'
import { useDesktopAbout } from '../ui/desktop-about.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { Page } from '../ui/page.tsx'
import { tellError } from '../ui/tell.ts'
import { BrowserSession } from './browser-session.tsx'
import classes from './settings.module.css'

const PROFILES: { value: Settings['profile']; label: string }[] = [
  { value: 'strict', label: 'Strict: the Agent Skills specification to the letter' },
  { value: 'reference', label: 'Reference validator: as the specification’s own tool checks' },
  { value: 'claude-code', label: 'Claude Code: also the fields that Claude Code reads' },
]

/** Preferences of this computer. Each takes effect at once. */
export function SettingsPage() {
  const settings = useQuery(query.settings.get.queryOptions())
  if (settings.error)
    return (
      <Page title="Settings" titled={false}>
        <ErrorNotice
          happened={sayError(settings.error)}
          remedies={[{ label: 'Try again', run: () => void settings.refetch() }]}
        />
      </Page>
    )
  return (
    <Page title="Settings" titled={false} padded>
      {settings.data && <SettingsForm settings={settings.data} />}
    </Page>
  )
}

function SettingsForm({ settings }: { settings: Settings }) {
  const save = useSaveSettings()
  return (
    <Stack gap={0} className={classes.form}>
      <Section title="Look">
        <SchemeChoice scheme={settings.colorScheme} onChange={colorScheme => save({ colorScheme })} />
      </Section>
      <Section
        title="Checks"
        words="Which rules a SKILL.md is held to while you write. A version can be saved all the same."
      >
        <Select
          aria-label="Rules"
          data={PROFILES}
          value={settings.profile}
          allowDeselect={false}
          onChange={value => {
            const profile = PROFILES.find(known => known.value === value)?.value
            if (profile) save({ profile })
          }}
        />
      </Section>
      <Section title="You" words="Named as the author of the versions you save.">
        <AutosavedText label="Name" initial={settings.authorName} onSave={authorName => save({ authorName })} />
        <AutosavedText label="Email" initial={settings.authorEmail} onSave={authorEmail => save({ authorEmail })} />
      </Section>
      <Section title="Teams" words="Where a team’s skills live. Only whoever makes and keeps that place needs it.">
        <div>
          <Button component={Link} href={address.registries()} variant="default">
            Team registries
          </Button>
        </div>
      </Section>
      <Section
        title="Models"
        words="Who answers benchmark runs: model providers, their keys and prices, and agents on this computer."
      >
        <div>
          <Button component={Link} href={address.providers()} variant="default">
            Model providers
          </Button>
        </div>
      </Section>
      <BrowserPlace />
      <LibraryPlace />
      <Section
        title="Health"
        words="Every file is checked against its checksum whenever it is read. This checks all of them now; what is damaged is mended from a backup or a team, and a team’s store from here."
      >
        <CheckLibrary />
      </Section>
    </Stack>
  )
}

function useSaveSettings(): (change: Partial<Settings>) => void {
  const save = useMutation({
    mutationFn: (change: Partial<Settings>) => api.settings.set(change),
    onSuccess: saved => queryClient.setQueryData(query.settings.get.queryKey(), saved),
    onError: error => tellError(error, 'That setting was not saved.'),
  })
  return change => save.mutate(change)
}

type Scheme = Settings['colorScheme']
const SCHEMES: { value: Scheme; label: string }[] = [
  { value: 'auto', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]

function SchemeChoice({ scheme, onChange }: { scheme: Scheme; onChange: (scheme: Scheme) => void }) {
  const { setColorScheme } = useMantineColorScheme()
  return (
    <SegmentedControl
      className={classes.choice}
      aria-label="Colours"
      data={SCHEMES}
      value={scheme}
      onChange={value => {
        const chosen = SCHEMES.find(known => known.value === value)?.value ?? 'auto'
        setColorScheme(chosen)
        void desktop.setColorScheme({ scheme: chosen })
        onChange(chosen)
      }}
    />
  )
}

type TextProps = { label: string; initial: string; onSave: (text: string) => void }

function AutosavedText({ label, initial, onSave }: TextProps) {
  const [text, setText] = useState(initial)
  const save = useDebouncedCallback(onSave, { delay: 400, flushOnUnmount: true })
  return (
    <TextInput
      label={label}
      value={text}
      onChange={event => {
        setText(event.currentTarget.value)
        save(event.currentTarget.value.trim())
      }}
    />
  )
}

function BrowserPlace() {
  if (useDesktopAbout()?.host !== 'browser') return null
  return (
    <Section title="This browser" words="Connected until Whetstone is closed or you disconnect.">
      <BrowserSession />
    </Section>
  )
}

function LibraryPlace() {
  const info = useQuery(query.system.info.queryOptions()).data
  const about = useDesktopAbout()
  return (
    <Section title="Library" words="One file holds everything. Copy it while the app is closed to take it elsewhere.">
      <Group gap="sm">
        <Code className={classes.path}>{info?.libraryPath ?? '…'}</Code>
        {about?.reveal === true && info && (
          <Button variant="default" onClick={() => void desktop.reveal({ path: info.libraryPath })}>
            Show in folder
          </Button>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        Whetstone {info?.app}
      </Text>
    </Section>
  )
}

const Section = ({ title, words, children }: { title: string; words?: string; children: ReactNode }) => (
  <section className={classes.section}>
    <div>
      <h2>{title}</h2>
      {words !== undefined && <p>{words}</p>}
    </div>
    <Stack gap="sm">{children}</Stack>
  </section>
)

/** Keeps the window's colours to what is set, also when it was set in another window. */
export function useColorSchemeSetting(): void {
  const scheme = useQuery(query.settings.get.queryOptions()).data?.colorScheme
  const { setColorScheme } = useMantineColorScheme()
  useEffect(() => {
    if (scheme !== undefined) setColorScheme(scheme)
  }, [scheme, setColorScheme])
}

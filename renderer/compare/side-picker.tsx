import { Button, Combobox, Loader, useCombobox } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconChevronDown } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { ContentRef } from '../../shared/contract/base.ts'
import type { CompareSide } from '../../shared/contract/compare.ts'
import type { VersionRow } from '../../shared/contract/versions.ts'
import { query } from '../api.ts'
import { readContentRef, writeContentRef } from '../routes.ts'
import { useSpaces } from '../ui/current-space.ts'
import { useNow } from '../ui/time.tsx'
import { sayClaim } from '../ui/version-claim.ts'
import { versionName } from '../ui/version-name.ts'
import { relativeTime, when } from '../ui/when.ts'
import classes from './compare.module.css'
import { FolderChooser } from './folder-chooser.tsx'

type Props = {
  /** 'Left' or 'Right': which side this chooses. */
  label: string
  side: CompareSide | undefined
  /** The skill whose versions are offered before another one is searched for. */
  skillId: string | undefined
  /** Said where it is not plain from the page. */
  nameSkill: boolean
  onPick: (of: ContentRef) => void
}

const SHOWN_SKILLS = 12
const FOLDER = 'folder on disk'

/** Chooses one side: a version, the published one or the working copy of this skill or of any other, or a folder on disk. */
export function SidePicker({ label, side, skillId, nameSkill, onPick }: Props) {
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState<{ id: string; name: string }>()
  const [asksFolder, setAsksFolder] = useState(false)
  const store = useCombobox({
    onDropdownOpen: () => store.focusSearchInput(),
    onDropdownClose: () => {
      setText('')
      setChosen(undefined)
    },
  })
  const from = chosen ?? (skillId === undefined ? undefined : { id: skillId, name: side?.skillName ?? '' })
  const versions = useQuery(
    query.versions.list.queryOptions({
      input: { skillId: from?.id ?? '' },
      enabled: store.dropdownOpened && from !== undefined,
    }),
  )
  const skills = useSkills(text, store.dropdownOpened && chosen === undefined)
  const words = text.trim().toLowerCase()
  const fitting = (versions.data ?? []).filter(version => matches(version, words)).slice(0, 300)
  const working = from !== undefined && 'working copy'.includes(words)
  const publishedNow = 'published'.includes(words) ? versions.data?.find(version => version.published) : undefined
  const folder = `a ${FOLDER}`.includes(words)

  // Enter takes the first hit, without an arrow key before it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it selects among the options shown, so it follows what changes them.
  useEffect(() => {
    if (store.dropdownOpened && words !== '') store.selectFirstOption()
  }, [words, fitting.length, skills.length])

  const submit = (value: string) => {
    if (value === FOLDER) {
      store.closeDropdown()
      setAsksFolder(true)
      return
    }
    const of = readContentRef(value)
    if (of) {
      onPick(of)
      store.closeDropdown()
      return
    }
    const skill = skills.find(each => each.id === value)
    if (skill) setChosen({ id: skill.id, name: skill.name })
    setText('')
    store.selectFirstOption()
  }

  return (
    <>
      {asksFolder && (
        <FolderChooser
          label={label}
          initial={side?.of.kind === 'folder' ? side.of.path : ''}
          onClose={() => setAsksFolder(false)}
          onChoose={path => {
            setAsksFolder(false)
            onPick({ kind: 'folder', path })
          }}
        />
      )}
      <Combobox store={store} onOptionSubmit={submit} width={420} position="bottom-start" withinPortal>
        <Combobox.Target withAriaAttributes={false}>
          <Button
            variant="default"
            className={classes.picker}
            rightSection={<IconChevronDown size={14} aria-hidden />}
            onClick={() => store.toggleDropdown()}
            aria-haspopup="listbox"
            aria-expanded={store.dropdownOpened}
          >
            <span className={classes.hidden}>{label} side: </span>
            {side ? <SideLabel side={side} skillName={nameSkill} /> : 'Choose a version…'}
          </Button>
        </Combobox.Target>
        <Combobox.Dropdown>
          <Combobox.Search
            value={text}
            onChange={event => {
              setText(event.currentTarget.value)
            }}
            placeholder={from ? `A version of ${from.name || 'this skill'}, or another skill…` : 'Search for a skill…'}
            aria-label="Search versions and skills"
          />
          <Combobox.Options mah={360} style={{ overflowY: 'auto' }}>
            {from && (
              <Combobox.Group label={from.name}>
                {working && (
                  <Combobox.Option value={writeContentRef({ kind: 'working', skillId: from.id })}>
                    Working copy <span className={classes.dim}>what is being edited</span>
                  </Combobox.Option>
                )}
                {publishedNow && (
                  <Combobox.Option value={writeContentRef({ kind: 'published', skillId: from.id })}>
                    Published <span className={classes.dim}>whichever is, now {versionName(publishedNow)}</span>
                  </Combobox.Option>
                )}
                {fitting.map(version => (
                  <Combobox.Option key={version.id} value={writeContentRef({ kind: 'version', id: version.id })}>
                    <strong>{versionName(version)}</strong> {firstLine(version.message)}{' '}
                    <span className={classes.dim}>
                      {when(version.createdAt)}, {version.author.name}
                      {version.claimed !== null && ` (${sayClaim(version)})`}
                      {version.published && ' · published'}
                    </span>
                  </Combobox.Option>
                ))}
              </Combobox.Group>
            )}
            {skills.length > 0 && (
              <Combobox.Group label={from ? 'Other skills' : 'Skills'}>
                {skills
                  .filter(skill => skill.id !== from?.id)
                  .map(skill => (
                    <Combobox.Option key={skill.id} value={skill.id}>
                      {skill.name} <span className={classes.dim}>{skill.description.slice(0, 60)}</span>
                    </Combobox.Option>
                  ))}
              </Combobox.Group>
            )}
            {versions.isFetching && <Loader size={14} m={8} aria-label="Reading the versions" />}
            {!working && !publishedNow && !folder && fitting.length === 0 && skills.length === 0 && (
              <Combobox.Empty>Nothing here is called that.</Combobox.Empty>
            )}
          </Combobox.Options>
          {folder && (
            <Combobox.Footer>
              <Combobox.Option value={FOLDER}>A folder on disk…</Combobox.Option>
            </Combobox.Footer>
          )}
        </Combobox.Dropdown>
      </Combobox>
    </>
  )
}

function useSkills(text: string, enabled: boolean) {
  const { current } = useSpaces()
  const [words] = useDebouncedValue(text.trim(), 80)
  const found = useQuery(
    query.skills.list.queryOptions({
      input: { tenantId: current?.tenantId ?? '', query: words, limit: SHOWN_SKILLS },
      enabled: enabled && current !== undefined,
      placeholderData: keepPreviousData,
    }),
  )
  return enabled ? (found.data?.rows ?? []) : []
}

const matches = (version: VersionRow, words: string): boolean =>
  words === '' ||
  `${versionName(version)} ${version.message} ${version.author.name} ${when(version.createdAt)}`
    .toLowerCase()
    .includes(words)

export const firstLine = (message: string): string => message.split('\n', 1)[0] ?? ''

/** 'v13' or 'working copy', for headings and sentences. */
export function shortName(side: CompareSide): string {
  if (side.of.kind === 'working') return 'the working copy'
  return side.of.kind === 'folder' ? side.of.path : versionName(side)
}

export const sideName = (side: CompareSide): string => `${side.skillName} ${shortName(side)}`

function headOf(side: CompareSide): string {
  if (side.of.kind === 'working') return 'Working copy'
  return side.of.kind === 'published' ? `Published: ${versionName(side)}` : shortName(side)
}

function SideLabel({ side, skillName }: { side: CompareSide; skillName: boolean }) {
  const now = useNow()
  return (
    <span className={classes.side} title={side.createdAt === null ? undefined : when(side.createdAt)}>
      <strong>{headOf(side)}</strong>{' '}
      <span className={classes.dim}>
        {[
          skillName && side.skillName,
          side.createdAt !== null && relativeTime(side.createdAt, now),
          side.authorName,
          sayClaim(side),
          side.published && side.of.kind !== 'published' && 'published',
        ]
          .filter(part => part)
          .join(' · ')}
      </span>
    </span>
  )
}

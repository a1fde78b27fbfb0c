import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { api, isExpected, query, sayError } from '../api.ts'
import { address } from '../routes.ts'
import { useSpaces } from '../ui/current-space.ts'
import { count } from '../ui/format.ts'
import { type SkillToShare, useShare } from '../ui/share-store.ts'
import { whyReadOnly } from '../ui/team.ts'
import { tell } from '../ui/tell.ts'

/** Copies skills with their lineage into another library, one after the other; asks where a name is taken. */
export function ShareDialog() {
  const { skills, close } = useShare()
  return skills.length === 0 ? null : (
    <Dialog key={skills.map(skill => skill.id).join(' ')} skills={skills} close={close} />
  )
}

type Taken = {
  skill: SkillToShare
  rest: readonly SkillToShare[]
  done: readonly string[]
  otherId: string | undefined
}

function Dialog({ skills, close }: { skills: readonly SkillToShare[]; close: () => void }) {
  const [, navigate] = useLocation()
  const { spaces } = useSpaces()
  const teams = useQuery(query.sync.status.queryOptions()).data ?? []
  const from = skills[0]?.tenantId
  const targets = spaces
    .filter(space => space.kind !== 'sample' && space.tenantId !== from)
    .sort((a, b) => Number(b.kind === 'team') - Number(a.kind === 'team'))
  const [chosen, setChosen] = useState<string>()
  const target = targets.find(space => space.tenantId === chosen) ?? targets[0]
  const team = teams.find(each => each.tenantId === target?.tenantId)
  const [busy, setBusy] = useState<string>()
  const [taken, setTaken] = useState<Taken>()
  const [problem, setProblem] = useState<string>()
  const readOnly = whyReadOnly(team)

  const finish = (done: readonly string[]) => {
    close()
    const [only] = done
    if (!target || only === undefined) return
    tell({
      message: `${done.length === 1 ? (skills.length === 1 ? skills[0]?.name : '1 skill') : count(done.length, 'skill')} copied to ${target.name}.`,
      action: {
        label: 'Show',
        run: () => navigate(done.length === 1 ? address.skill(only) : address.library(target.tenantId)),
      },
    })
  }
  const copy = async (list: readonly SkillToShare[], before: readonly string[], slug?: string) => {
    if (!target) return
    setProblem(undefined)
    const done = [...before]
    for (const [index, skill] of list.entries()) {
      setBusy(skill.name)
      try {
        const name = index === 0 && slug !== undefined ? { slug } : {}
        const { skillId } = await api.sync.share({ skillId: skill.id, tenantId: target.tenantId, ...name })
        done.push(skillId)
        setTaken(undefined)
      } catch (error) {
        setBusy(undefined)
        if (isExpected(error) && error.code === 'SLUG_TAKEN')
          return setTaken({ skill, rest: list.slice(index + 1), done, otherId: otherOf(error.data) })
        setTaken(undefined)
        return setProblem(
          `${skill.name} was not copied. ${sayError(error)}${done.length > 0 ? ` ${count(done.length, 'skill was', 'skills were')} copied before it.` : ''}`,
        )
      }
    }
    finish(done)
  }
  const what = skills.length === 1 ? (skills[0]?.name ?? '') : count(skills.length, 'skill')
  const versions = skills.reduce((sum, skill) => sum + skill.versions, 0)
  return (
    <Modal
      opened
      onClose={close}
      title={`Copy ${what} to another library`}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {!target ? (
        <Stack gap="md">
          <span>You are in no team yet, so there is nowhere to share it to. An invite from a team changes that.</span>
          <Group justify="flex-end">
            <Button
              onClick={() => {
                close()
                navigate(address.join())
              }}
            >
              Join a team…
            </Button>
          </Group>
        </Stack>
      ) : taken ? (
        <NameTaken
          taken={taken}
          library={target.name}
          busy={busy !== undefined}
          onName={slug => void copy([taken.skill, ...taken.rest], taken.done, slug)}
          onSkip={() => (taken.rest.length > 0 ? void copy(taken.rest, taken.done) : finish(taken.done))}
        />
      ) : (
        <Stack gap="md">
          <Select
            label="To"
            data={targets.map(space => ({ value: space.tenantId, label: space.name }))}
            value={target.tenantId}
            allowDeselect={false}
            onChange={value => setChosen(value ?? undefined)}
          />
          <span>
            {versions === 1 ? 'Its version goes' : `All ${count(versions, 'version')} go`} along, with messages,
            parents, authors and dates. Ratings, feedback and benchmark runs stay here, and so does the original.{' '}
            {team && 'Nothing is published there until you do that.'}
          </span>
          {readOnly !== undefined && <span role="alert">{readOnly}</span>}
          {problem !== undefined && <span role="alert">{problem}</span>}
          <Group justify="flex-end">
            <span role="status">{busy !== undefined && `Copying ${busy}…`}</span>
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button
              onClick={() => void copy(skills, [])}
              loading={busy !== undefined}
              disabled={readOnly !== undefined}
            >
              {team ? `Share to ${target.name}` : `Copy to ${target.name}`}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}

const otherOf = (data: unknown): string | undefined =>
  typeof data === 'object' && data !== null && 'skillId' in data && typeof data.skillId === 'string'
    ? data.skillId
    : undefined

type TakenProps = {
  taken: Taken
  library: string
  busy: boolean
  onName: (slug: string) => void
  onSkip: () => void
}

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/

function NameTaken({ taken, library, busy, onName, onSkip }: TakenProps) {
  const [slug, setSlug] = useState(`${taken.skill.slug}-2`)
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        onName(slug)
      }}
    >
      <Stack gap="md">
        <span>
          {library} has a skill called {taken.skill.slug} already. Both are kept if this one goes by another name; the
          two can be compared and merged by hand afterwards.
        </span>
        <TextInput
          label="Name there"
          value={slug}
          maxLength={64}
          data-autofocus
          error={SLUG.test(slug) ? undefined : 'Small letters, digits and single hyphens.'}
          onChange={event => setSlug(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onSkip} disabled={busy}>
            Leave it out
          </Button>
          <Button type="submit" loading={busy} disabled={!SLUG.test(slug)}>
            Copy as {slug}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

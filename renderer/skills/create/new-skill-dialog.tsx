import { Anchor, Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { isDefinedError } from '@orpc/client'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { query, sayError } from '../../api.ts'
import { address } from '../../routes.ts'
import { useSpaces } from '../../ui/current-space.ts'
import { useDialogs } from '../../ui/dialogs.ts'
import { formatNumber } from '../../ui/format.ts'
import { onKeys } from '../../ui/shortcut.ts'
import { useTeam, whyReadOnly } from '../../ui/team.ts'
import { DESCRIPTION_LENGTH, lengthOf, slugFrom, slugProblem } from './slug.ts'

/** Names a new skill and says what it is for; then its page opens on a SKILL.md to write in. */
export function NewSkillDialog() {
  const { open, close } = useDialogs()
  return (
    <Modal
      opened={open === 'new-skill'}
      onClose={close}
      title="New skill"
      size="md"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <NewSkillForm onDone={close} />
    </Modal>
  )
}

function NewSkillForm({ onDone }: { onDone: () => void }) {
  const [, navigate] = useLocation()
  const { current } = useSpaces()
  const readOnly = whyReadOnly(useTeam(current?.tenantId))
  const [slug, setSlug] = useState('')
  const [description, setDescription] = useState('')
  const create = useMutation({
    ...query.skills.create.mutationOptions(),
    onSuccess: ({ id }) => {
      onDone()
      navigate(address.skill(id))
    },
  })
  const takenBy =
    isDefinedError(create.error) && create.error.code === 'SLUG_TAKEN' ? create.error.data.skillId : undefined
  const problem = slugProblem(slug)
  const offered = problem === undefined ? '' : slugFrom(slug)
  const used = lengthOf(description)
  const tooLong = used > DESCRIPTION_LENGTH
  const ready = slug !== '' && problem === undefined && !tooLong && current !== undefined && readOnly === undefined
  const submit = (event: { preventDefault: () => void }) => {
    event.preventDefault()
    if (ready) create.mutate({ tenantId: current.tenantId, slug, description: description.trim() })
  }
  return (
    <form onSubmit={(event: FormEvent) => submit(event)}>
      <Stack gap="md">
        <TextInput
          label="Name"
          description="Lowercase letters, digits and hyphens. The skill’s folder has the same name."
          placeholder="pdf-forms"
          value={slug}
          onChange={event => {
            create.reset()
            setSlug(event.currentTarget.value)
          }}
          error={nameError(problem, create.error, takenBy, onDone)}
          rightSectionWidth="auto"
          spellCheck={false}
          autoComplete="off"
          data-autofocus
        />
        {offered !== '' && offered !== slug && (
          <Text size="sm">
            <Anchor component="button" type="button" size="sm" onClick={() => setSlug(offered)}>
              Use “{offered}”
            </Anchor>
          </Text>
        )}
        <Textarea
          label="What it is for"
          description="Agents read this to decide when to use the skill. It can wait."
          placeholder="Fill and check PDF forms. Use when a person mentions a form, a field or a PDF to complete."
          autosize
          minRows={4}
          maxRows={10}
          value={description}
          onChange={event => setDescription(event.currentTarget.value)}
          onKeyDown={onKeys([['mod+Enter', submit]])}
          error={tooLong && `${formatNumber(used - DESCRIPTION_LENGTH)} characters too many.`}
        />
        {readOnly !== undefined && <Text role="alert">{readOnly}</Text>}
        <Group justify="space-between">
          <Text size="xs" c={tooLong ? 'var(--ws-bad)' : 'dimmed'}>
            {formatNumber(used)} of {formatNumber(DESCRIPTION_LENGTH)} characters
          </Text>
          <Group gap="sm">
            <Button variant="default" onClick={onDone}>
              Cancel
            </Button>
            <Button type="submit" disabled={!ready} loading={create.isPending}>
              Create
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  )
}

function nameError(problem: string | undefined, error: unknown, takenBy: string | undefined, close: () => void) {
  if (problem !== undefined) return problem
  if (takenBy === undefined) return error ? sayError(error) : undefined
  return (
    <>
      A skill of that name is already here.{' '}
      <Link href={address.skill(takenBy)} onClick={close}>
        Open it
      </Link>
    </>
  )
}

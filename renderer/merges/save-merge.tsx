import { Button, Group, Modal, Stack, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useLocation } from 'wouter'
import { api, isExpected, sayError } from '../api.ts'
import { address } from '../routes.ts'
import { count } from '../ui/format.ts'
import { onKeys, sayShortcut } from '../ui/shortcut.ts'
import { tell } from '../ui/tell.ts'
import { versionName } from '../ui/version-name.ts'
import classes from './merges.module.css'
import type { Names } from './names.ts'
import { type FileMerge, type Prepared, resultFiles } from './plan.ts'
import type { Settling } from './settling.ts'
import { forgetSettling } from './use-settling.ts'

type Props = {
  prepared: Prepared
  plan: readonly FileMerge[]
  settling: Settling
  names: Names
  onClose: () => void
}

/** Makes the settled files a version with two parents. */
export function SaveMergeDialog({ prepared, plan, settling, names, onClose }: Props) {
  const { left, right, skillId } = prepared
  const [message, setMessage] = useState(`Merge ${names.right} into ${names.left}`)
  const [saving, setSaving] = useState(false)
  const [problems, setProblems] = useState<readonly string[]>([])
  const [, navigate] = useLocation()
  const files = resultFiles(plan, settling) ?? []

  const save = async () => {
    setSaving(true)
    setProblems([])
    try {
      const made = await api.merges.save({ leftId: left.id, rightId: right.id, message: message.trim(), files })
      forgetSettling(left.id, right.id)
      const compare = () =>
        navigate(address.skill(skillId, 'compare', { left: `version:${left.id}`, right: `version:${made.id}` }))
      navigate(address.skill(skillId, 'history'))
      tell({
        message: `Saved ${versionName(made)}, made of ${names.left} and ${names.right}.`,
        action: { label: `Compare with ${names.left}`, run: compare },
      })
    } catch (error) {
      setProblems(problemsOf(error))
      setSaving(false)
    }
  }

  return (
    <Modal opened onClose={onClose} title="Save the merged version" size="lg">
      <Stack gap="sm">
        <Textarea
          label="What was merged, and why"
          description="The first line shows in the history."
          autosize
          minRows={3}
          maxRows={14}
          maxLength={5_000}
          data-autofocus
          value={message}
          onChange={event => setMessage(event.currentTarget.value)}
          onKeyDown={onKeys([['mod+Enter', () => void save()]])}
        />
        <p className={classes.plain}>
          {count(files.length, 'file')}. {names.left} and {names.right} stay as they are.
        </p>
        {problems.length > 0 && (
          <div role="alert" className={classes.problems}>
            {problems.map(problem => (
              <p key={problem}>{problem}</p>
            ))}
            <p className={classes.facts}>Nothing was saved. Your choices are kept.</p>
          </div>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={() => void save()} loading={saving} rightSection={<kbd>{sayShortcut('mod+Enter')}</kbd>}>
            Save
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** What went wrong, and which files it is about. */
function problemsOf(error: unknown): string[] {
  if (!isExpected(error)) return [sayError(error)]
  const { data } = error
  switch (error.code) {
    case 'UNSETTLED':
      return [
        `These files still hold the lines that mark a conflict (<<<<<<<, =======, >>>>>>>): ${stringsIn(data, 'paths').join(', ')}. Take them out, or save the file without them.`,
      ]
    case 'BUNDLE_INVALID':
      return [error.message, ...messagesIn(data)]
    case 'NOT_FOUND':
      return ['One of the two versions, or some of its content, is no longer here.']
    default:
      return [error.message]
  }
}

const fieldOf = (data: unknown, name: string): readonly unknown[] => {
  const value: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, name) : undefined
  return Array.isArray(value) ? value : []
}
const stringsIn = (data: unknown, name: string): string[] =>
  fieldOf(data, name).flatMap(each => (typeof each === 'string' ? [each] : []))
const messagesIn = (data: unknown): string[] =>
  fieldOf(data, 'problems').flatMap(each =>
    typeof each === 'object' && each !== null && 'message' in each && typeof each.message === 'string'
      ? [each.message]
      : [],
  )

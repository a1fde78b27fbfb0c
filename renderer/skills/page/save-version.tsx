import { Button, Group, Modal, Stack, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { SkillDetail } from '../../../shared/contract/skills.ts'
import type { VersionRow } from '../../../shared/contract/versions.ts'
import type { WorkingCopy } from '../../../shared/contract/working-copies.ts'
import { api, isExpected, sayError } from '../../api.ts'
import { address } from '../../routes.ts'
import { count, signed } from '../../ui/format.ts'
import { onKeys, sayShortcut } from '../../ui/shortcut.ts'
import { tell } from '../../ui/tell.ts'
import { versionName } from '../../ui/version-name.ts'
import { drafts } from './drafts.ts'
import type { Tokens } from './use-skill.ts'

type Props = {
  skill: SkillDetail
  working: WorkingCopy
  tokens: Tokens | undefined
  onClose: () => void
  title?: string
  /** Goes on from the version that was made, instead of telling of it. */
  onSaved?: (made: VersionRow) => void
}

/** Makes the working copy an immutable version, with a message for those who read the history. */
export function SaveVersionDialog({ skill, working, tokens, onClose, title = 'Save version', onSaved }: Props) {
  const [message, setMessage] = useState('')
  const [saving, setSaving] = useState(false)
  const [problem, setProblem] = useState<string[]>([])
  const [, navigate] = useLocation()

  const save = async () => {
    setSaving(true)
    setProblem([])
    try {
      if (!(await drafts().flush(skill.id))) {
        setProblem(['Some text is not stored yet, so no version was made. Settle that first; nothing is lost.'])
        return
      }
      const before = skill.newest
      const made = await api.versions.save({ skillId: skill.id, message: message.trim() })
      onClose()
      if (onSaved) return onSaved(made)
      const compare = () =>
        before &&
        navigate(address.skill(skill.id, 'compare', { left: `version:${before.id}`, right: `version:${made.id}` }))
      tell({
        message: `Saved ${versionName(made)}.`,
        ...(before && { action: { label: `Compare with ${versionName(before)}`, run: compare } }),
      })
    } catch (error) {
      setProblem([sayError(error), ...problemsIn(error)])
    } finally {
      setSaving(false)
    }
  }

  return (
    <Modal opened onClose={onClose} title={title} size="lg">
      <Stack gap="sm">
        <Textarea
          label="What changed, and why"
          description="The first line shows in the history."
          autosize
          minRows={4}
          maxRows={14}
          maxLength={5_000}
          data-autofocus
          value={message}
          onChange={event => setMessage(event.currentTarget.value)}
          onKeyDown={onKeys([['mod+Enter', () => void save()]])}
        />
        <p style={{ margin: 0, color: 'var(--ws-dim)' }}>{whatChanged(working, tokens)}</p>
        {problem.length > 0 && (
          <div role="alert" style={{ color: 'var(--ws-bad)' }}>
            {problem.map(line => (
              <p key={line} style={{ margin: 0 }}>
                {line}
              </p>
            ))}
          </div>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={() => void save()} loading={saving} rightSection={<kbd>{sayShortcut('mod+Enter')}</kbd>}>
            Save version
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function problemsIn(error: unknown): string[] {
  if (!isExpected(error) || error.code !== 'BUNDLE_INVALID') return []
  const { data } = error
  if (typeof data !== 'object' || data === null || !('problems' in data) || !Array.isArray(data.problems)) return []
  return data.problems.flatMap((each: unknown) =>
    typeof each === 'object' && each !== null && 'message' in each && typeof each.message === 'string'
      ? [each.message]
      : [],
  )
}

/** '2 files changed, 1 added · +212 tokens on trigger' */
function whatChanged(working: WorkingCopy, tokens: Tokens | undefined): string {
  const of = (state: string): number => working.files.filter(file => file.state === state).length
  const parts = [
    of('changed') > 0 && `${count(of('changed'), 'file')} changed`,
    of('added') > 0 && `${of('added')} added`,
    working.removed.length > 0 && `${working.removed.length} removed`,
  ].filter(part => part !== false)
  const change = tokenChange(tokens)
  return [parts.join(', ') || 'No file differs from the last version', change].filter(Boolean).join(' · ')
}

/** '+212 tokens on trigger, −48 always'; empty when nothing changed or there is nothing to compare with. */
export function tokenChange(tokens: Tokens | undefined): string {
  const { now, before } = tokens ?? {}
  if (!now || !before) return ''
  const tiers = [
    [now.onTrigger - before.onTrigger, 'on trigger'],
    [now.always - before.always, 'always'],
    [now.onDemand - before.onDemand, 'on demand'],
  ] as const
  return tiers
    .filter(([change]) => change !== 0)
    .map(([change, when], index) => `${signed(change)}${index === 0 ? ' tokens' : ''} ${when}`)
    .join(', ')
}

import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { ContentRef } from '../../shared/contract/base.ts'
import { api, desktop, isExpected, sayError } from '../api.ts'
import { fromBase64, offer } from '../editor/file-card.tsx'
import { useDesktopAbout } from '../ui/desktop-about.ts'
import { tell, tellError } from '../ui/tell.ts'

/** A `.skill` archive, as a download. */
export async function exportArchive(of: ContentRef): Promise<void> {
  try {
    const { name, base64 } = await api.exports.toArchive({ of })
    offer(fromBase64(base64), name)
  } catch (error) {
    tellError(error, 'The archive was not made.')
  }
}

/** Writes the skill's folder below a folder that the person names; one with files in it is only overwritten when they say so. */
export function ExportToFolder({ of, name, onClose }: { of: ContentRef; name: string; onClose: () => void }) {
  const about = useDesktopAbout()
  const [parent, setParent] = useState('')
  const [state, setState] = useState<{ busy: boolean; problem?: string; occupied?: boolean }>({ busy: false })

  const write = async (overwrite: boolean) => {
    setState({ busy: true })
    try {
      const { path } = await api.exports.toFolder({ of, parent: parent.trim(), overwrite })
      onClose()
      const action = { label: 'Show', run: () => void desktop.reveal({ path }).catch(error => tellError(error)) }
      tell({ message: `Written to ${path}.`, ...(about?.reveal && { action }) })
    } catch (error) {
      const occupied = isExpected(error) && error.code === 'TARGET_NOT_EMPTY'
      setState({ busy: false, problem: sayError(error), occupied })
    }
  }
  const browse = async () => {
    const chosen = await desktop.chooseFolder({ title: `Where should ${name} go?` }).catch(() => undefined)
    if (chosen?.path !== undefined) setParent(chosen.path)
  }

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (parent.trim() !== '' && !state.busy && !state.occupied) void write(false)
  }

  return (
    <Modal opened onClose={onClose} title={`Export ${name} to a folder`} size="lg">
      <Stack gap="sm" component="form" onSubmit={submit}>
        <Group align="flex-end" gap="xs" wrap="nowrap">
          <TextInput
            style={{ flex: 1 }}
            label="Folder"
            description={`A folder named ${name} is made in it.`}
            placeholder="~/.claude/skills"
            data-autofocus
            value={parent}
            onChange={event => {
              setParent(event.currentTarget.value)
              // Another folder may be empty.
              setState({ busy: false })
            }}
            {...(state.problem !== undefined && { error: state.problem })}
          />
          {about?.dialogs && (
            <Button variant="default" onClick={() => void browse()}>
              Browse…
            </Button>
          )}
        </Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          {state.occupied ? (
            <Button color="red" loading={state.busy} onClick={() => void write(true)}>
              Overwrite the files in it
            </Button>
          ) : (
            <Button type="submit" loading={state.busy} disabled={parent.trim() === ''}>
              Export
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}

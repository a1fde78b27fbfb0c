import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { api, desktop, sayError } from '../api.ts'
import { useDesktopAbout } from '../ui/desktop-about.ts'

type Props = {
  /** 'Left' or 'Right'. */
  label: string
  initial: string
  onChoose: (path: string) => void
  onClose: () => void
}

/** Names a skill's folder on this computer. It is read once to see that it can be, and is not imported. */
export function FolderChooser({ label, initial, onChoose, onClose }: Props) {
  const dialogs = useDesktopAbout()?.dialogs ?? false
  const [path, setPath] = useState(initial)
  const [state, setState] = useState<{ busy: boolean; problem?: string }>({ busy: false })

  const take = async (asked: string) => {
    setState({ busy: true })
    const of = { kind: 'folder', path: asked } as const
    try {
      await api.compare.get({ left: of, right: of })
      onChoose(asked)
    } catch (error) {
      setState({ busy: false, problem: sayError(error) })
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (path.trim() !== '') void take(path.trim())
  }
  const browse = async () => {
    const chosen = await desktop.chooseFolder({ title: 'Compare with this folder' }).catch(() => undefined)
    if (chosen?.path === undefined) return
    setPath(chosen.path)
    await take(chosen.path)
  }

  return (
    <Modal opened onClose={onClose} title={`${label} side: a folder on disk`} size="lg">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Group align="flex-end" gap="xs" wrap="nowrap">
            <TextInput
              style={{ flex: 1 }}
              label="The skill's folder"
              description="The one with SKILL.md in it. It is only read, not imported."
              placeholder="~/.claude/skills/pdf-forms"
              data-autofocus
              spellCheck={false}
              value={path}
              onChange={event => {
                setPath(event.currentTarget.value)
                setState({ busy: false })
              }}
              error={state.problem}
            />
            {dialogs && (
              <Button variant="default" onClick={() => void browse()}>
                Browse…
              </Button>
            )}
          </Group>
          <Group justify="flex-end">
            <Button type="submit" loading={state.busy} disabled={path.trim() === ''}>
              Compare
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

import { Button, Group } from '@mantine/core'
import { type FormEvent, useEffect, useState } from 'react'
import type { Registry, RegistryAccess } from '../../shared/contract/registries.ts'
import { api } from '../api.ts'
import { FolderField } from './folder-field.tsx'
import { useMoving } from './moving.ts'
import { MovingView } from './moving-view.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import classes from './registries.module.css'

export type Restored = { registry: Registry; users: number; told: string[] }
type Props = { access: RegistryAccess; remember: boolean; onRestored: (restored: Restored) => void }

/** An exported team into an empty registry. */
export function RestoreForm({ access, remember, onRestored }: Props) {
  const [folder, setFolder] = useState('')
  const { state, run, stop } = useMoving<Restored>()
  const restored = state.at === 'done' ? state.result : undefined
  useEffect(() => {
    if (restored) onRestored(restored)
  }, [restored, onRestored])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void run(ticket => api.registries.restore({ access, folder: folder.trim(), remember, ticket }))
  }
  return (
    <form onSubmit={submit} className={classes.next} aria-label="Restore an exported team">
      <h3>Or restore an exported team</h3>
      <FolderField
        label="Folder of the export"
        description="All of it goes in or nothing, but for rows that no registry takes, which are named. Everybody’s copy compares itself with it once, and sends what it lacks."
        value={folder}
        onChange={setFolder}
      />
      {state.at === 'failed' && <ProblemNotice error={state.error} />}
      {state.at === 'moving' ? (
        <MovingView state={state} stop={stop} />
      ) : (
        <Group gap="sm">
          <Button type="submit" variant="default" disabled={folder.trim() === ''}>
            Restore
          </Button>
        </Group>
      )}
    </form>
  )
}

import { Button, Group } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { Registry } from '../../shared/contract/registries.ts'
import { api, desktop } from '../api.ts'
import { useDesktopAbout } from '../ui/desktop-about.ts'
import { count } from '../ui/format.ts'
import { FolderField } from './folder-field.tsx'
import { useMoving } from './moving.ts'
import { MovingView } from './moving-view.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import classes from './registries.module.css'

type Exported = { folder: string; skills: number; versions: number; blobs: number; missing: string[] }

/** The whole team in a folder: rows and content, readable without this app. */
export function ExportPanel({ registry }: { registry: Registry }) {
  const [folder, setFolder] = useState('')
  const { state, run, stop, dismiss } = useMoving<Exported>()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void run(ticket => api.registries.export({ id: registry.id, folder: folder.trim(), ticket }))
  }
  return (
    <div className={classes.panel}>
      <form onSubmit={submit} className={classes.form}>
        <FolderField
          label="Into which folder"
          description="A new or empty one. It gets every skill with all versions, ratings, feedback and content; no passwords and no keys."
          placeholder="~/team-export"
          value={folder}
          onChange={value => {
            setFolder(value)
            dismiss()
          }}
        />
        {state.at === 'moving' ? (
          <MovingView state={state} stop={stop} />
        ) : (
          <Group gap="sm">
            <Button type="submit" disabled={folder.trim() === ''}>
              Export
            </Button>
          </Group>
        )}
      </form>
      {state.at === 'failed' && <ProblemNotice error={state.error} />}
      {state.at === 'done' && <Done exported={state.result} />}
    </div>
  )
}

function Done({ exported: { folder, skills, versions, blobs, missing } }: { exported: Exported }) {
  const about = useDesktopAbout()
  return (
    <Group gap="sm">
      <span role="status">
        {count(skills, 'skill')}, {count(versions, 'version')} and {count(blobs, 'file')} are in {folder}.
        {missing.length > 0 &&
          ` ${count(missing.length, 'file')} ${missing.length === 1 ? 'was' : 'were'} missing or damaged in the storage and ${missing.length === 1 ? 'is' : 'are'} named in registry.json.`}
      </span>
      {about?.reveal === true && (
        <Button variant="default" onClick={() => void desktop.reveal({ path: folder })}>
          Show in folder
        </Button>
      )}
    </Group>
  )
}

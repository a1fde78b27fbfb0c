import { Button, FileButton, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { ImportSource } from '../../shared/contract/imports.ts'
import { desktop } from '../api.ts'
import { useDesktopAbout } from '../ui/desktop-about.ts'
import { readArchive } from './archive-file.ts'
import classes from './imports.module.css'
import { PlaceList, usePlaces } from './places.tsx'

type Props = {
  /** To begin with, such as one that could not be imported. */
  path: string
  /** Said above, such as why what was dropped could not be taken. */
  refused: string | undefined
  onRefuse: (refused: string | undefined) => void
  onStart: (source: ImportSource, what: string) => void
}

/** Where to import from: a path, a dialog where the host has one, an archive, or a place that was found. */
export function ImportForm({ path: given, refused, onRefuse, onStart }: Props) {
  const dialogs = useDesktopAbout()?.dialogs ?? false
  const places = usePlaces().data ?? []
  const [path, setPath] = useState(given)
  const fromPath = (chosen: string | undefined) => {
    if (chosen !== undefined && chosen.trim() !== '') onStart({ kind: 'path', path: chosen.trim() }, chosen.trim())
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    fromPath(path)
  }
  const chooseFolder = async () => fromPath((await desktop.chooseFolder({ title: 'Import skills from' })).path)
  const chooseArchive = async () => fromPath((await desktop.chooseArchive({ title: 'Import a skill' })).path)
  const takeFile = async (file: File | null) => {
    if (file === null) return
    const read = await readArchive(file)
    if ('refused' in read) onRefuse(read.refused)
    else onStart(read.source, file.name)
  }
  return (
    <Stack gap="lg">
      <form onSubmit={submit}>
        <div className={classes.row}>
          <TextInput
            className={classes.grow}
            label="Folder, git repository or archive on this computer"
            description="A repository brings its history: every commit that changed a skill becomes a version."
            placeholder="~/.claude/skills"
            value={path}
            onChange={event => {
              setPath(event.currentTarget.value)
              onRefuse(undefined)
            }}
            error={refused}
            spellCheck={false}
            data-autofocus
          />
        </div>
        <div className={classes.row} style={{ marginTop: 12, alignItems: 'center' }}>
          <Button type="submit" disabled={path.trim() === ''}>
            Import
          </Button>
          {dialogs ? (
            <>
              <Button variant="default" onClick={() => void chooseFolder()}>
                Choose folder…
              </Button>
              <Button variant="default" onClick={() => void chooseArchive()}>
                Choose archive…
              </Button>
            </>
          ) : (
            <FileButton accept=".zip,.skill" onChange={file => void takeFile(file)}>
              {props => (
                <Button variant="default" {...props}>
                  Choose archive…
                </Button>
              )}
            </FileButton>
          )}
          <span className={classes.dim}>or drop a .zip or .skill file anywhere on the window</span>
        </div>
      </form>
      {places.length > 0 && (
        <section aria-labelledby="places">
          <h3 className={classes.head} id="places">
            Found on this computer
          </h3>
          <PlaceList places={places} onImport={fromPath} />
        </section>
      )}
    </Stack>
  )
}

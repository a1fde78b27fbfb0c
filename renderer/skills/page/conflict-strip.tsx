import { Button } from '@mantine/core'
import { useState } from 'react'
import { api } from '../../api.ts'
import { tellError } from '../../ui/tell.ts'
import type { Draft } from './autosave.ts'
import { drafts } from './drafts.ts'
import { TextsDialog } from './texts-dialog.tsx'
import classes from './write-tab.module.css'

/** Another window wrote the file this one has unsaved text of: nothing is overwritten before a person has chosen. */
export function ConflictStrip({ draft }: { draft: Draft }) {
  const { skillId, path } = draft
  const [theirs, setTheirs] = useState<string>()
  const removed = draft.theirs === null
  const read = async () => {
    const file = await api.files.read({ of: { kind: 'working', skillId }, path })
    return file.kind === 'text' ? file : undefined
  }
  const take = async () => {
    try {
      if (removed) return drafts().forget(skillId, path)
      const file = await read()
      if (file) drafts().takeTheirs(skillId, path, file.text, file.sha256)
    } catch (error) {
      tellError(error, 'The other text could not be read; yours is kept.')
    }
  }
  const compare = async () => {
    try {
      setTheirs((await read())?.text)
    } catch (error) {
      tellError(error, 'The other text could not be read; yours is kept.')
    }
  }
  return (
    <div className={classes.strip} role="alert">
      <span>
        {removed ? 'This file was removed' : 'This file was changed'} in another window. Your text is kept here and not
        saved yet.
      </span>
      <Button onClick={() => drafts().keepMine(skillId, path)}>Keep mine</Button>
      <Button variant="default" onClick={() => void take()}>
        {removed ? 'Remove it' : 'Take theirs'}
      </Button>
      {!removed && (
        <Button variant="default" onClick={() => void compare()}>
          Compare
        </Button>
      )}
      {theirs !== undefined && (
        <TextsDialog
          title={`${path}: theirs and mine`}
          left={{ name: 'Theirs', text: theirs }}
          right={{ name: 'Mine', text: draft.text }}
          path={path}
          onClose={() => setTheirs(undefined)}
        />
      )}
    </div>
  )
}

import { Anchor, FileButton, PasswordInput, SegmentedControl, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { AccessDraft } from './access-draft.ts'
import { FolderField } from './folder-field.tsx'
import classes from './registries.module.css'

type Props = {
  draft: AccessDraft
  /** Shown once one has tried. */
  missing: Partial<Record<keyof AccessDraft, string>>
  onChange: (change: Partial<AccessDraft>) => void
}

/** What only the owner of a database and of its storage knows. */
export function AccessFields({ draft, missing, onChange }: Props) {
  const text = (key: keyof AccessDraft, label: string, placeholder = '') => ({
    label,
    placeholder,
    value: draft[key],
    error: missing[key],
    spellCheck: false,
    autoComplete: 'off',
    onChange: (event: { currentTarget: { value: string } }) => onChange({ [key]: event.currentTarget.value }),
  })
  return (
    <>
      <PasswordInput
        size="xs"
        {...text('database', 'Connection string of the database’s owner', 'postgres://login:password@host/database')}
        description="A Postgres 16 or newer, with a database of its own for the registry. The login may create roles."
      />
      <OwnAuthority draft={draft} error={missing.ca} onChange={ca => onChange({ ca })} />
      <SegmentedControl
        aria-label="Where the team’s content is kept"
        style={{ alignSelf: 'flex-start' }}
        value={draft.storage}
        onChange={value => onChange({ storage: value === 'folder' ? 'folder' : 'r2' })}
        data={[
          { value: 'r2', label: 'Content in a bucket (R2, S3)' },
          { value: 'folder', label: 'Content in a shared folder' },
        ]}
      />
      {draft.storage === 'folder' ? (
        <FolderField
          label="Shared folder"
          description="Every member reaches it at this same path."
          placeholder="/mnt/team/skills"
          value={draft.folder}
          error={missing.folder}
          onChange={folder => onChange({ folder })}
        />
      ) : (
        <div className={classes.fields}>
          <TextInput {...text('endpoint', 'Address', 'https://ACCOUNT.r2.cloudflarestorage.com')} />
          <TextInput {...text('bucket', 'Bucket, for this team alone')} />
          <TextInput {...text('accessKeyId', 'Key, for this bucket alone')} />
          <PasswordInput size="xs" {...text('secretAccessKey', 'The key’s secret')} />
        </div>
      )}
    </>
  )
}

type AuthorityProps = { draft: AccessDraft; error: string | undefined; onChange: (ca: string) => void }

/** Seldom needed, so it is opened when it is. */
function OwnAuthority({ draft, error, onChange }: AuthorityProps) {
  const [open, setOpen] = useState(draft.ca !== '')
  const read = async (file: File | null) => {
    if (file !== null && file.size < 100_000) onChange(await file.text())
  }
  if (!open)
    return (
      <Anchor component="button" type="button" size="sm" ta="left" onClick={() => setOpen(true)}>
        The server’s certificate is signed by our own authority…
      </Anchor>
    )
  return (
    <div>
      <Textarea
        label="Certificate of that authority (PEM)"
        description="It alone is trusted then. Invites carry it along."
        placeholder="-----BEGIN CERTIFICATE-----"
        value={draft.ca}
        error={error}
        onChange={event => onChange(event.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={6}
        spellCheck={false}
      />
      <FileButton accept=".pem,.crt,.cer" onChange={file => void read(file)}>
        {props => (
          <Anchor component="button" type="button" size="sm" {...props}>
            Read it from a file…
          </Anchor>
        )}
      </FileButton>
    </div>
  )
}

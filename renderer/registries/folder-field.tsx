import { Button, TextInput } from '@mantine/core'
import { desktop } from '../api.ts'
import { useDesktopAbout } from '../ui/desktop-about.ts'
import classes from './registries.module.css'

type Props = {
  label: string
  description?: string
  placeholder?: string
  value: string
  error?: string | undefined
  onChange: (folder: string) => void
}

/** A folder by its path, or by the system's dialog where there is one. */
export function FolderField({ label, description, placeholder, value, error, onChange }: Props) {
  const dialogs = useDesktopAbout()?.dialogs ?? false
  const choose = async () => {
    const { path } = await desktop.chooseFolder({ title: label })
    if (path !== undefined) onChange(path)
  }
  return (
    <div className={classes.row}>
      <TextInput
        className={classes.grow ?? ''}
        label={label}
        description={description}
        placeholder={placeholder ?? ''}
        value={value}
        error={error}
        onChange={event => onChange(event.currentTarget.value)}
        spellCheck={false}
      />
      {dialogs && (
        <Button variant="default" onClick={() => void choose()}>
          Choose…
        </Button>
      )}
    </div>
  )
}

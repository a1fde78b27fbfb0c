import { Button, Group, Modal, Select, Stack, TagsInput, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { type AgentCommand, type CommandFields, outputForm, skillLayout } from '../../shared/contract/agent-commands.ts'
import { api, sayError } from '../api.ts'
import { RequiredNumberField } from '../ui/number-field.tsx'
import classes from './providers.module.css'

type Props = { fields: CommandFields & { id?: string }; onClose: () => void; onSaved: (command: AgentCommand) => void }

const FORMS = {
  text: 'Plain text',
  'claude-code': 'Claude Code’s JSON',
  codex: 'Codex’s JSON',
  gemini: 'Gemini CLI’s JSON',
}

/** An agent's command line, one argument a line: no shell reads it. */
export function CommandForm({ fields: given, onClose, onSaved }: Props) {
  const [fields, setFields] = useState(given)
  const [argv, setArgv] = useState(given.argv.join('\n'))
  const [error, setError] = useState<string>()
  const set = (change: Partial<CommandFields>) => setFields(was => ({ ...was, ...change }))
  const save = async () => {
    try {
      const args = argv.split('\n').filter(line => line !== '')
      const { id, name, form, layout, variables, timeLimitMs } = fields
      onSaved(
        await api.agentCommands.save({
          ...(id !== undefined && { id }),
          name,
          form,
          layout,
          variables,
          timeLimitMs,
          argv: args,
        }),
      )
    } catch (failed) {
      setError(sayError(failed))
    }
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title="An agent’s command line"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="sm">
        <TextInput label="Name" value={fields.name} onChange={event => set({ name: event.currentTarget.value })} />
        <Textarea
          label="Program and arguments"
          description="One a line; they are passed on as they are. The prompt comes on standard input."
          autosize
          minRows={3}
          ff="monospace"
          value={argv}
          onChange={event => setArgv(event.currentTarget.value)}
        />
        <Select
          label="How its output is read"
          data={outputForm.options.map(value => ({ value, label: FORMS[value] }))}
          value={fields.form}
          allowDeselect={false}
          onChange={value => set({ form: outputForm.catch('text').parse(value) })}
        />
        <Select
          label="Where it looks for skills"
          data={[...skillLayout.options]}
          value={fields.layout}
          allowDeselect={false}
          onChange={value => set({ layout: skillLayout.catch(fields.layout).parse(value) })}
        />
        <TagsInput
          label="Environment variables passed on"
          description="Names only. Beside these it gets what every program needs, and nothing else."
          value={fields.variables}
          onChange={variables => set({ variables })}
        />
        <RequiredNumberField
          label="Time limit"
          suffix=" s"
          min={1}
          max={3600}
          value={fields.timeLimitMs / 1_000}
          onChange={value => set({ timeLimitMs: value * 1_000 })}
        />
        {error !== undefined && (
          <p role="alert" className={classes.bad}>
            {error}
          </p>
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={() => void save()}>Save</Button>
        </Group>
      </Stack>
    </Modal>
  )
}

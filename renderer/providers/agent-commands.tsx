import { Button, Code, Group, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AgentCommand, CommandFields } from '../../shared/contract/agent-commands.ts'
import { api, query, sayError } from '../api.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { tell, tellError } from '../ui/tell.ts'
import { AllowProgram } from './allow-program.tsx'
import { CommandForm } from './command-form.tsx'
import classes from './providers.module.css'

/** Agents that are run as programs on this computer. Each is read and allowed once, word for word. */
export function AgentCommands() {
  const commands = useQuery(query.agentCommands.list.queryOptions())
  const presets = useQuery(query.agentCommands.presets.queryOptions())
  const [editing, setEditing] = useState<CommandFields & { id?: string }>()
  const [asking, setAsking] = useState<AgentCommand>()
  const error = commands.error ?? presets.error
  const saved = (command: AgentCommand) => {
    setEditing(undefined)
    void commands.refetch()
    if (!command.consented) setAsking(command)
  }
  const remove = async (command: AgentCommand) => {
    try {
      await api.agentCommands.remove({ id: command.id })
      await commands.refetch()
      tell({ message: `${command.name} was removed. What it measured stays.` })
    } catch (failed) {
      tellError(failed, `${command.name} is still here.`)
    }
  }
  return (
    <section aria-labelledby="commands">
      <Group justify="space-between">
        <h2 id="commands">Agents on this computer</h2>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default">Add an agent</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {presets.data?.map(preset => (
              <Menu.Item key={preset.name} onClick={() => setEditing(preset)}>
                {preset.name}…
              </Menu.Item>
            ))}
            <Menu.Divider />
            <Menu.Item onClick={() => setEditing(ANOTHER)}>Another program…</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      <p className={classes.quiet}>
        A run starts the agent in a fresh folder with the skill installed in it. An agent can do on this computer what
        you can: read what it will run before you allow it.
      </p>
      {error && <ErrorNotice happened={sayError(error)} />}
      {commands.data?.map(command => (
        <fieldset key={command.id} className={classes.card} aria-label={command.name}>
          <strong>{command.name}</strong>{' '}
          {command.consented ? (
            <span className={classes.good}>✓ allowed</span>
          ) : (
            <span className={classes.bad}>not allowed yet</span>
          )}
          <Code block mt={4} className={classes.command}>
            {command.argv.join(' ')}
          </Code>
          <Group gap="sm" mt="sm">
            {!command.consented && <Button onClick={() => setAsking(command)}>Review and allow…</Button>}
            <Button variant="default" onClick={() => setEditing(command)}>
              Edit…
            </Button>
            <Button variant="subtle" color="gray" onClick={() => void remove(command)}>
              Remove
            </Button>
          </Group>
        </fieldset>
      ))}
      {editing && <CommandForm fields={editing} onClose={() => setEditing(undefined)} onSaved={saved} />}
      {asking && (
        <AllowProgram command={asking} onClose={() => setAsking(undefined)} onDone={() => void commands.refetch()} />
      )}
    </section>
  )
}

const ANOTHER: CommandFields = {
  name: 'Agent',
  argv: [],
  form: 'text',
  layout: '.claude/skills',
  variables: [],
  timeLimitMs: 600_000,
}

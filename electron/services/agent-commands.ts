import { hash } from 'node:crypto'
import {
  type AgentCommand,
  type CommandFields,
  commandFields,
  DEFAULT_COMMAND,
} from '../../shared/contract/agent-commands.ts'
import type { BenchmarkControl } from '../benchmark/control.ts'
import {
  type CommandRecord,
  deleteCommand,
  findCommand,
  findCommandByName,
  hasConsent,
  listCommands,
  putCommand,
  putConsent,
} from '../library/agent-commands.ts'
import { announce, type Context, type NotFound, os } from './context.ts'

export const agentCommandsService = (context: Context, control: BenchmarkControl) => {
  const { library } = context
  const get = (id: string, errors: NotFound): CommandRecord => {
    const row = findCommand(library, id)
    if (!row) throw errors.NOT_FOUND({ data: { what: 'command', id } })
    return row
  }
  const answer = async (row: CommandRecord): Promise<AgentCommand> => {
    const fields = fieldsOf(row)
    const consent = (await control.engine()).consentOf(fields)
    return { id: row.id, ...fields, ...consent, consented: hasConsent(library, consent.hash) }
  }

  return {
    presets: os.agentCommands.presets.handler(async () => [...(await control.engine()).commandPresets]),

    list: os.agentCommands.list.handler(() => Promise.all(listCommands(library).map(answer))),

    save: os.agentCommands.save.handler(({ input, errors }) => {
      const before = input.id === undefined ? undefined : get(input.id, errors)
      const was = before ? fieldsOf(before) : DEFAULT_COMMAND
      const { name, argv, form, layout, variables = was.variables, timeLimitMs = was.timeLimitMs } = input
      const fields: CommandFields = { name, argv, form, layout, variables, timeLimitMs }
      const row = {
        id: before?.id ?? context.newId(),
        name,
        fields: JSON.stringify(fields),
        created_at: before?.created_at ?? context.clock(),
      }
      library.write(() => {
        const named = findCommandByName(library, name)
        if (named && named.id !== row.id) throw errors.NAME_TAKEN()
        putCommand(library, row)
      })
      announce(context, ['providers'])
      return answer(row)
    }),

    remove: os.agentCommands.remove.handler(({ input, errors }) => {
      deleteCommand(library, get(input.id, errors).id)
      announce(context, ['providers'])
      return {}
    }),
  }
}

/**
 * Keeps a person's consent to run exactly what a text says (`consentOf`). The person was asked outside the page, which has
 * no method for this. False where the library cannot be written.
 */
export function allowProgram(context: Context, text: string): boolean {
  try {
    putConsent(context.library, hash('sha256', text, 'hex'), text, context.clock())
  } catch (error) {
    context.log(`Consent was not kept: ${error instanceof Error ? error.message : error}`)
    return false
  }
  announce(context, ['providers'])
  return true
}

export const fieldsOf = (row: CommandRecord): CommandFields =>
  commandFields.parse({ ...DEFAULT_COMMAND, ...JSON.parse(row.fields) })

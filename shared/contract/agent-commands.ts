import { z } from 'zod'
import { contract, id } from './base.ts'

/** How an agent's output is read. */
export const outputForm = z.enum(['text', 'claude-code', 'codex', 'gemini'])
export type OutputForm = z.infer<typeof outputForm>
/** Where, below the fresh folder, the agent looks for skills. */
export const skillLayout = z.enum(['.claude/skills', '.agents/skills', '.gemini/skills', '.codex/skills'])
export type SkillLayout = z.infer<typeof skillLayout>

export const commandFields = z.object({
  name: z.string().trim().min(1).max(100),
  /** The program and its arguments, as they are; no shell reads them. The prompt comes on standard input. */
  argv: z.array(z.string().max(2_000)).min(1).max(100),
  form: outputForm,
  layout: skillLayout,
  /** Names of environment variables passed on, beside those every program needs. */
  variables: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/)).max(50),
  timeLimitMs: z.int().min(1_000).max(3_600_000),
})
export type CommandFields = z.infer<typeof commandFields>
export const DEFAULT_COMMAND: Pick<CommandFields, 'variables' | 'timeLimitMs'> = { variables: [], timeLimitMs: 600_000 }

export const agentCommand = commandFields.extend({
  id,
  /** Everything it will do, in words: what consent is given to, outside the page (`desktop.askToAllow`). */
  text: z.string(),
  hash: z.string(),
  consented: z.boolean(),
})
export type AgentCommand = z.infer<typeof agentCommand>

export const agentCommands = {
  presets: contract.output(z.array(commandFields)),
  list: contract.output(z.array(agentCommand)),
  /** Without an id a new one. What is left out stays as it was; in a new one it is `DEFAULT_COMMAND`. */
  save: contract
    .input(commandFields.partial({ variables: true, timeLimitMs: true }).extend({ id: id.optional() }))
    .errors({ NAME_TAKEN: { message: 'There is a command of that name already.' } })
    .output(agentCommand),
  remove: contract.input(z.object({ id })).output(z.object({})),
}

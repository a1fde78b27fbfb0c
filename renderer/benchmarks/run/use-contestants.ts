import { useQuery } from '@tanstack/react-query'
import type { Contestant } from '../../../shared/contract/benchmarks.ts'
import { query } from '../../api.ts'

export type ContestantOption = { value: string; label: string; group: string; contestant: Contestant }

/** Who can try: every model that a provider names, and every agent that was allowed. */
export function useContestants(): { options: ContestantOption[]; ready: boolean } {
  const providers = useQuery(query.providers.list.queryOptions())
  const commands = useQuery(query.agentCommands.list.queryOptions())
  const models = (providers.data ?? []).flatMap(provider =>
    provider.models.map<ContestantOption>(model => ({
      value: `model ${provider.id} ${model}`,
      label: model,
      group: provider.name,
      contestant: { kind: 'model', providerId: provider.id, model },
    })),
  )
  const agents = (commands.data ?? [])
    .filter(command => command.consented)
    .map<ContestantOption>(command => ({
      value: `command ${command.id}`,
      label: command.name,
      group: 'Agents on this computer',
      contestant: { kind: 'command', commandId: command.id },
    }))
  return { options: [...models, ...agents], ready: providers.data !== undefined && commands.data !== undefined }
}

/** As Mantine's lists want them: by provider. */
export const grouped = (options: readonly ContestantOption[]) =>
  [...Map.groupBy(options, option => option.group)].map(([group, items]) => ({
    group,
    items: items.map(({ value, label }) => ({ value, label })),
  }))

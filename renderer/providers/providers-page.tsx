import { Button, Menu, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Provider, ProviderPreset } from '../../shared/contract/providers.ts'
import { api, query, sayError } from '../api.ts'
import { Empty } from '../ui/empty.tsx'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { Page } from '../ui/page.tsx'
import { tell, tellError } from '../ui/tell.ts'
import { AgentCommands } from './agent-commands.tsx'
import { KnownAnswers } from './known-answers.tsx'
import { PriceTable } from './price-table.tsx'
import { ProviderCard } from './provider-card.tsx'
import classes from './providers.module.css'

/** Who answers benchmark runs: model providers with their keys and limits, agents' command lines, and what models cost. */
export function ProvidersPage() {
  const providers = useQuery(query.providers.list.queryOptions())
  const presets = useQuery(query.providers.presets.queryOptions())
  const [added, setAdded] = useState<string>()
  const error = providers.error ?? presets.error
  const add = async (preset: ProviderPreset) => {
    try {
      const taken = new Set(providers.data?.map(provider => provider.name))
      const name = freeName(preset.name, taken)
      const { kind, baseUrl, keyVariable } = preset
      // A server whose address is the author's own begins where such servers usually listen.
      const made = await api.providers.save({
        name,
        kind,
        baseUrl: baseUrl ?? (kind === 'compatible' ? 'http://127.0.0.1:8000/v1' : null),
        keyVariable,
      })
      setAdded(made.id)
      await providers.refetch()
      tell({
        message: preset.needsKey
          ? `${name} is here. Give it a key and name a model.`
          : `${name} is here. Name a model of it.`,
      })
    } catch (failed) {
      tellError(failed, 'No provider was added.')
    }
  }
  return (
    <Page
      title="Model providers"
      titled={false}
      padded
      actions={
        <Menu position="bottom-end">
          <Menu.Target>
            <Button>Add a provider</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {presets.data?.map(preset => (
              <Menu.Item key={preset.preset} onClick={() => void add(preset)}>
                {preset.name}
              </Menu.Item>
            ))}
            <Menu.Divider />
            <Menu.Item onClick={() => void add(OTHER)}>Another server that speaks OpenAI’s format</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      }
    >
      {error && <ErrorNotice happened={sayError(error)} todo="Reload to try again." />}
      <Stack gap={24} className={classes.page}>
        <section aria-labelledby="providers">
          <h2 id="providers">Models</h2>
          <p className={classes.quiet}>
            Nothing is sent anywhere until you start a run. Keys are kept in the system’s keychain, never in the
            library.
          </p>
          {providers.data?.length === 0 && (
            <Empty title="No provider yet">
              Add Anthropic, OpenAI, Google, or a server of your own (Ollama, LM Studio, vLLM). Without one, results
              that were made elsewhere can still be imported, compared and drawn.
            </Empty>
          )}
          {providers.data?.map((provider: Provider) => (
            <ProviderCard
              key={provider.id}
              provider={provider}
              fresh={provider.id === added}
              onChanged={() => void providers.refetch()}
            />
          ))}
        </section>
        <AgentCommands />
        {(providers.data?.length ?? 0) > 0 && <PriceTable />}
        <KnownAnswers />
      </Stack>
    </Page>
  )
}

const OTHER: ProviderPreset = {
  preset: 'other',
  name: 'Server',
  kind: 'compatible',
  baseUrl: null,
  keyVariable: null,
  needsKey: false,
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted
  for (let number = 2; ; number++) if (!taken.has(`${wanted} ${number}`)) return `${wanted} ${number}`
}

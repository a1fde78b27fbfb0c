import type { Provider } from '../../shared/contract/providers.ts'
import { type CommandLine, EXIT, type Exit, Refused, table } from './shared.ts'

/** By its name; one of the presets is made on first use, and reads its key where its own tools do. */
export async function providerOf(line: CommandLine, name: string): Promise<Provider> {
  const known = (await line.api.providers.list()).find(one => one.name.toLowerCase() === name.toLowerCase())
  if (known) return known
  const presets = await line.api.providers.presets()
  const preset = presets.find(one => one.preset === name.toLowerCase())
  if (!preset)
    throw new Refused(
      `There is no provider “${name}”. There are: ${presets.map(one => one.preset).join(', ')}; “whetstone benchmark provider” makes others.`,
    )
  const { kind, baseUrl, keyVariable } = preset
  // A preset that was renamed, or made in the app, is that one.
  const same = (await line.api.providers.list()).find(one => one.name === preset.name)
  return same ?? line.api.providers.save({ name: preset.name, kind, baseUrl, keyVariable })
}

export type ProviderArguments = {
  url?: string
  kind?: Provider['kind']
  keyVariable?: string
  concurrency?: number
  requestsPerMinute?: number
  tokensPerMinute?: number
  /** `model=input,output` in dollars per million tokens. */
  price: string[]
}

/** Makes or changes a provider. Its key is read from the environment; the keychain is the app's. */
export async function saveProvider(line: CommandLine, name: string, args: ProviderArguments): Promise<Exit> {
  const known = (await line.api.providers.list()).find(one => one.name.toLowerCase() === name.toLowerCase())
  const baseUrl = args.url ?? known?.baseUrl ?? null
  const saved = await line.api.providers.save({
    id: known?.id,
    name: known?.name ?? name,
    kind: args.kind ?? known?.kind ?? 'compatible',
    baseUrl,
    keyVariable: args.keyVariable ?? known?.keyVariable ?? null,
    models: known?.models ?? [],
    concurrency: args.concurrency ?? known?.concurrency ?? 4,
    requestsPerMinute: args.requestsPerMinute ?? known?.requestsPerMinute ?? null,
    tokensPerMinute: args.tokensPerMinute ?? known?.tokensPerMinute ?? null,
  })
  for (const text of args.price) {
    const [, model, input, output] = /^(.+)=([\d.]+),([\d.]+)$/.exec(text) ?? []
    if (model === undefined || !Number.isFinite(Number(input)) || !Number.isFinite(Number(output)))
      throw new Refused(`“${text}” is no price: write model=3,15 for $3 and $15 per million tokens.`)
    // $1 per million tokens are 100 microcents a token.
    const price = { input: Number(input) * 100, output: Number(output) * 100, cacheRead: null, cacheWrite: null }
    await line.api.providers.setPrice({ providerId: saved.id, model, price })
  }
  if (line.json) line.print(JSON.stringify(saved, null, 2))
  else
    line.print(`${saved.name}: ${saved.kind} at ${saved.baseUrl ?? 'the vendor’s own address'}, key ${KEYS[saved.key]}`)
  return EXIT.done
}

export async function listProviders(line: CommandLine): Promise<Exit> {
  const rows = await line.api.providers.list()
  if (line.json) line.print(JSON.stringify(rows, null, 2))
  else if (rows.length > 0)
    line.print(
      table([
        ['PROVIDER', 'KIND', 'KEY', 'ADDRESS'],
        ...rows.map(one => [one.name, one.kind, KEYS[one.key], one.baseUrl ?? '–']),
      ]),
    )
  return EXIT.done
}

const KEYS = {
  kept: 'in the keychain',
  environment: 'from the environment',
  none: 'none',
  locked: 'locked away',
} as const

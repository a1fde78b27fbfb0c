import { z } from 'zod'
import { type Registry, type RegistryProblem, registryStorage } from '../../shared/contract/registries.ts'
import { readSettings, writeSetting } from '../library/settings.ts'
import type { Context } from './context.ts'
import type { Access, Place, Team } from './registry-tools.ts'

/**
 * The registries that this computer administers. library.db knows their names and places; the owner's login is in the
 * keychain where it is to be remembered, and otherwise in this process's memory.
 */
const place = z.object({
  id: z.string(),
  tenantId: z.string(),
  team: z.string(),
  host: z.string(),
  database: z.string(),
  storage: z.string().nullable(),
  remembered: z.enum(['keychain', 'file']).nullable(),
})
type Kept = z.infer<typeof place>

const SETTING = 'registries'
const access = z.object({
  database: z.string(),
  ca: z.string().optional(),
  storage: z
    .discriminatedUnion('kind', [
      registryStorage.options[0],
      registryStorage.options[1].extend({ id: z.string().optional() }),
    ])
    .nullable(),
})

export class KeptRegistries {
  readonly #context: Context
  /** Logins that are not (yet) remembered, and those that were asked of the keychain already. */
  readonly #open = new Map<string, Access>()

  constructor(context: Context) {
    this.#context = context
  }

  list(): Registry[] {
    return this.#read().map(kept => this.#shown(kept))
  }

  /** A team is one entry: kept again, it gets the login given now. */
  async keep(at: Place, given: Access, remember: boolean): Promise<Registry | RegistryProblem> {
    const before = this.#read().find(one => one.tenantId === at.tenantId)
    const id = before?.id ?? this.#context.newId()
    let remembered: Kept['remembered'] = null
    if (remember) {
      const set = await this.#context.secrets.set(secretOf(id), JSON.stringify(given))
      if (set.kind === 'refused') return locked(set.reason)
      remembered = set.where
    } else if (before?.remembered) await this.#context.secrets.delete(secretOf(id))
    this.#open.set(id, given)
    const kept: Kept = { id, ...at, remembered }
    this.#write(all => [...all.filter(one => one.id !== id), kept])
    return this.#shown(kept)
  }

  /** The same registry, by another key of its storage. */
  async update(id: string, given: Access): Promise<RegistryProblem | undefined> {
    const kept = this.#read().find(one => one.id === id)
    if (!kept) return undefined
    const again = await this.keep(kept, given, kept.remembered !== null)
    return 'happened' in again ? again : undefined
  }

  async forget(id: string): Promise<void> {
    this.#open.delete(id)
    this.#write(all => all.filter(one => one.id !== id))
    await this.#context.secrets.delete(secretOf(id))
  }

  /** The owner's login to a team, or what is in the way. Undefined where no such registry is kept here. */
  async find(
    id: string,
  ): Promise<{ kind: 'team'; team: Team } | { kind: 'problem'; problem: RegistryProblem } | undefined> {
    const kept = this.#read().find(one => one.id === id)
    if (!kept) return undefined
    const { tenantId } = kept
    const open = this.#open.get(id)
    if (open) return { kind: 'team', team: { tenantId, access: open } }
    if (kept.remembered === null) return { kind: 'problem', problem: loginNeeded(kept) }
    const read = await this.#context.secrets.get(secretOf(id))
    if (read.kind === 'refused') return { kind: 'problem', problem: locked(read.reason) }
    const parsed = access.safeParse(read.kind === 'secret' ? parseJson(read.value) : undefined)
    if (!parsed.success) return { kind: 'problem', problem: loginNeeded(kept) }
    this.#open.set(id, parsed.data)
    return { kind: 'team', team: { tenantId, access: parsed.data } }
  }

  #shown({ remembered, ...kept }: Kept): Registry {
    const login = remembered ?? (this.#open.has(kept.id) ? 'session' : 'needed')
    return { ...kept, login, demo: false }
  }

  /** What does not fit (an older or newer app wrote it) is as good as not there. */
  #read(): Kept[] {
    const parsed = z.array(place).safeParse(readSettings(this.#context.library)[SETTING])
    return parsed.success ? parsed.data : []
  }

  #write(change: (all: Kept[]) => Kept[]): void {
    const { library } = this.#context
    library.write(() => writeSetting(library, SETTING, change(this.#read())))
  }
}

const secretOf = (id: string): string => `registry:${id}`

const locked = (reason: string): RegistryProblem => ({
  code: 'locked',
  happened: reason,
  kept: '',
  todo: 'Unlock the keychain, or give the connection string again without remembering it.',
})

const loginNeeded = ({ team, host }: Kept): RegistryProblem => ({
  code: 'unknown',
  happened: `The owner’s login to ${team} at ${host} was not kept when the app closed.`,
  kept: 'The registry is as it was.',
  todo: 'Give the connection string again.',
})

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

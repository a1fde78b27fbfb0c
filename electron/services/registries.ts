import path from 'node:path'
import type { Registry, RegistryProblem } from '../../shared/contract/registries.ts'
import { announce, type Context, os } from './context.ts'
import { DEMO_ID, type DemoRegistry } from './demo-registry.ts'
import { KeptRegistries } from './kept-registries.ts'
import { latestOnly } from './latest-only.ts'
import type { Access, Answer, Place, RegistryTools, Team } from './registry-tools.ts'

type Failing = {
  REGISTRY: (options: { message: string; data: RegistryProblem }) => Error
  NOT_FOUND: (options: { data: { what: string; id: string } }) => Error
}

/** Team registries, as whoever owns their databases. The owner's login stays on this side of the port. */
export const registriesService = (context: Context, demo: DemoRegistry) => {
  const kept = new KeptRegistries(context)
  const running = new Map<string, AbortController>()

  const resultOf = <Value>(answer: Answer<Value>, errors: Failing): Value => {
    if (answer.kind === 'done') return answer.value
    throw errors.REGISTRY({ message: answer.problem.happened, data: answer.problem })
  }
  const teamOf = async (id: string, errors: Failing): Promise<Team> => {
    const found = id === DEMO_ID ? demoTeam(demo) : await kept.find(id)
    if (!found) throw errors.NOT_FOUND({ data: { what: 'registry', id } })
    if (found.kind === 'team') return found.team
    throw errors.REGISTRY({ message: found.problem.happened, data: found.problem })
  }
  /** Asks the tools of a team; what changed is read again by whoever shows it. */
  const at = async <Value>(
    id: string,
    errors: Failing,
    ask: (tools: RegistryTools, team: Team) => Promise<Answer<Value>>,
    changes: boolean,
  ): Promise<Value> => {
    const team = await teamOf(id, errors)
    const answer = await ask(await context.registry(), team)
    if (changes) announce(context, ['registries'])
    return resultOf(answer, errors)
  }
  const keep = async (place: Place, access: Access, remember: boolean, errors: Failing): Promise<Registry> => {
    const registry = await kept.keep(place, access, remember)
    announce(context, ['registries'])
    if ('happened' in registry) throw errors.REGISTRY({ message: registry.happened, data: registry })
    return registry
  }
  /** After something was made that is not to be lost because the keychain is locked: then known until the app closes. */
  const keepMade = async (place: Place, access: Access, remember: boolean, errors: Failing) => {
    const registry = await kept.keep(place, access, remember)
    if ('happened' in registry)
      return { registry: await keep(place, access, false, errors), notKept: `${registry.happened} ${UNTIL_CLOSED}` }
    announce(context, ['registries'])
    return { registry, notKept: undefined }
  }
  const folderOf = (text: string) => path.resolve(text.replace(/^~(?=$|[/\\])/, context.home))
  const accessOf = (access: Access): Access =>
    access.storage?.kind === 'folder'
      ? { ...access, storage: { ...access.storage, path: folderOf(access.storage.path) } }
      : access
  /** Work with a ticket, which `stop` ends, as the end of the call does. */
  const stoppable = (ticket: string, signal: AbortSignal | undefined) => {
    const stop = new AbortController()
    running.set(ticket, stop)
    return {
      signal: AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]),
      end: () => {
        stop.abort(new DOMException('Stopped.', 'AbortError'))
        running.delete(ticket)
      },
    }
  }

  return {
    list: os.registries.list.handler(() => {
      const here = demo.registry()
      return [...(here ? [here] : []), ...kept.list()]
    }),

    look: os.registries.look.handler(async ({ input, errors }) =>
      resultOf(await (await context.registry()).look(accessOf(input)), errors),
    ),

    init: os.registries.init.handler(async function* ({ input, errors }) {
      type Step = 'connecting' | 'storage' | 'schema' | 'rules' | 'invite'
      const steps = latestOnly<{ step: Step }>()
      const tools = await context.registry()
      const making = tools.init(accessOf(input.access), input, step => steps.push({ step }))
      making.finally(steps.end).catch(() => {})
      yield* steps.values
      const { access, place, invited, findings, mended, remains } = resultOf(await making, errors)
      const { registry, notKept } = await keepMade(place, access, input.remember, errors)
      return { registry, invited, findings, mended, remains: notKept === undefined ? remains : [notKept, ...remains] }
    }),

    open: os.registries.open.handler(async ({ input, errors }) => {
      const tools = await context.registry()
      const { access, place } = resultOf(await tools.open(accessOf(input.access), input.tenantId), errors)
      return keep(place, access, input.remember, errors)
    }),

    forget: os.registries.forget.handler(async ({ input }) => {
      await kept.forget(input.id)
      announce(context, ['registries'])
      return {}
    }),

    members: os.registries.members.handler(({ input, errors }) =>
      at(input.id, errors, (tools, team) => tools.members(team), false),
    ),
    invite: os.registries.invite.handler(({ input, errors }) =>
      at(input.id, errors, (tools, team) => tools.invite(team, { ...input, email: input.email || null }), true),
    ),
    inviteAgain: os.registries.inviteAgain.handler(({ input, errors }) =>
      at(input.id, errors, (tools, team) => tools.inviteAgain(team, input.userId, input.days), true),
    ),
    setRole: os.registries.setRole.handler(async ({ input, errors }) => {
      await at(input.id, errors, (tools, team) => tools.setRole(team, input.userId, input.role), true)
      return {}
    }),
    remove: os.registries.remove.handler(({ input, errors }) =>
      at(input.id, errors, (tools, team) => tools.remove(team, input.userId), true),
    ),

    rotate: os.registries.rotate.handler(async ({ input, errors }) => {
      const team = await teamOf(input.id, errors)
      const access = withKey(team.access, input.key)
      const tools = await context.registry()
      const rotated = resultOf(await tools.rotate({ ...team, access }, input.userId, input.days), errors)
      if (input.id !== DEMO_ID && input.key) {
        const failed = await kept.update(input.id, rotated.access)
        // The new passwords are made; only the new key could not be kept. It is asked for again when it is needed.
        if (failed) context.log(`registries: ${failed.happened}`)
      }
      announce(context, ['registries'])
      return rotated.invited
    }),

    setApproval: os.registries.setApproval.handler(async ({ input, errors }) => {
      await at(input.id, errors, (tools, team) => tools.setApproval(team, input.needed), true)
      return {}
    }),

    doctor: os.registries.doctor.handler(async ({ input, errors }) => ({
      findings: await at(input.id, errors, (tools, team) => tools.doctor(team), false),
      at: context.clock(),
    })),

    export: os.registries.export.handler(async function* ({ input, errors, signal }) {
      const team = await teamOf(input.id, errors)
      const work = stoppable(input.ticket, signal)
      const moved = latestOnly<{ what: string; done: number }>()
      const folder = folderOf(input.folder)
      const tools = await context.registry()
      const moving = { folder, progress: progressTo(moved.push), signal: work.signal }
      const exporting = tools.export(team, moving)
      exporting.finally(moved.end).catch(() => {})
      try {
        yield* moved.values
        return { folder, ...resultOf(await exporting, errors) }
      } finally {
        work.end()
      }
    }),

    restore: os.registries.restore.handler(async function* ({ input, errors, signal }) {
      const work = stoppable(input.ticket, signal)
      const moved = latestOnly<{ what: string; done: number }>()
      const tools = await context.registry()
      const moving = { folder: folderOf(input.folder), progress: progressTo(moved.push), signal: work.signal }
      const restoring = tools.restore(accessOf(input.access), moving)
      restoring.finally(moved.end).catch(() => {})
      try {
        yield* moved.values
        const { access, place, users, told } = resultOf(await restoring, errors)
        return { registry: (await keepMade(place, access, input.remember, errors)).registry, users, told }
      } finally {
        work.end()
      }
    }),

    stop: os.registries.stop.handler(({ input }) => {
      const found = running.get(input.ticket)
      found?.abort(new DOMException('Stopped.', 'AbortError'))
      return { stopped: found !== undefined }
    }),

    demo: {
      status: os.registries.demo.status.handler(() => demo.status()),
      start: os.registries.demo.start.handler(() => {
        demo.start()
        return {}
      }),
      stop: os.registries.demo.stop.handler(async () => {
        await demo.stop()
        return {}
      }),
    },
  }
}

const UNTIL_CLOSED = 'The owner’s login is known until the app closes.'

const progressTo = (push: (moved: { what: string; done: number }) => void) => (what: string, done: number) =>
  push({ what, done })

function demoTeam(demo: DemoRegistry): { kind: 'team'; team: Team } | undefined {
  const team = demo.team()
  return team && { kind: 'team', team }
}

/** The same storage by another key. */
const withKey = (access: Access, key: { accessKeyId: string; secretAccessKey: string } | undefined): Access =>
  key !== undefined && access.storage?.kind === 'r2' ? { ...access, storage: { ...access.storage, ...key } } : access

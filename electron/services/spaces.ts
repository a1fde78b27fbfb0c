import { deleteSpace, findSpace, findSpaceOfKind, insertSpace, listSpaces } from '../library/spaces.ts'
import { announce, type Context, os } from './context.ts'
import { loadSample } from './sample.ts'

/** The space this computer's author starts in, made on the first start; it is never synced. */
export function ensurePersonalSpace(context: Context): string {
  return context.library.write(() => {
    const space = findSpaceOfKind(context.library, 'personal')
    if (space) return space.tenant_id
    const tenantId = context.newId()
    insertSpace(context.library, {
      tenantId,
      name: 'Personal',
      slug: 'personal',
      kind: 'personal',
      user: { id: context.newId(), name: 'You', email: null },
      note: null,
      now: context.clock(),
    })
    return tenantId
  })
}

export const spacesService = (context: Context, wake: () => void) => ({
  list: os.spaces.list.handler(() =>
    listSpaces(context.library).map(space => ({
      tenantId: space.tenant_id,
      name: space.name,
      kind: space.kind,
      skills: space.skills,
      versions: space.versions,
      note: space.note,
    })),
  ),

  openSample: os.spaces.openSample.handler(() => {
    const there = findSpaceOfKind(context.library, 'sample')
    if (there) return { tenantId: there.tenant_id }
    const tenantId = loadSample(context)
    announce(context, ['spaces', 'skills', 'versions', 'ratings', 'feedback', 'benchmarks'])
    wake()
    return { tenantId }
  }),

  removeSample: os.spaces.removeSample.handler(({ input, errors }) => {
    const space = findSpace(context.library, input.tenantId)
    if (space?.kind !== 'sample') throw errors.NOT_FOUND({ data: { what: 'sample library', id: input.tenantId } })
    const skills = listSpaces(context.library).find(row => row.tenant_id === input.tenantId)?.skills ?? 0
    context.library.write(() => deleteSpace(context.library, input.tenantId))
    announce(context, ['spaces', 'skills', 'versions', 'workingCopies', 'ratings', 'feedback', 'benchmarks'])
    return { skills }
  }),
})

import { z } from 'zod'
import { contract, id } from './base.ts'

/** A space is what the sidebar switches between: the personal library, the sample, later each team. One tenant each. */
export const space = z.object({
  tenantId: id,
  name: z.string(),
  kind: z.enum(['personal', 'sample', 'team']),
  skills: z.int(),
  versions: z.int(),
  /** Said above a sample: that its figures are invented. */
  note: z.string().nullable(),
})
export type Space = z.infer<typeof space>

export const spaces = {
  list: contract.output(z.array(space)),
  /** Adds the sample library as a space of its own, or finds the one already there. */
  openSample: contract.output(z.object({ tenantId: id })),
  /** Throws the sample away, with whatever was changed in it. Only a sample can be removed like this. */
  removeSample: contract.input(z.object({ tenantId: id })).output(z.object({ skills: z.int() })),
}

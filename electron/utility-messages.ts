import { z } from 'zod'

/** What main and Electron's utility process say to each other. A port comes with an empty message. */
export const toUtility = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('allow'), call: z.int(), text: z.string() }),
  z.object({ kind: z.literal('stop') }),
])
export type ToUtility = z.infer<typeof toUtility>

export const fromUtility = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
  z.object({ kind: z.literal('allowed'), call: z.int(), kept: z.boolean() }),
])
export type FromUtility = z.infer<typeof fromUtility>

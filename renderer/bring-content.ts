import { type ClientContext, type ClientLink, ORPCError } from '@orpc/client'
import { create } from 'zustand'

/** How many versions are being brought just now, for the status line. */
export const useBringing = create<{ versions: number }>(() => ({ versions: 0 }))

/** A page compares two versions, and a merge needs three; nothing needs more at once. */
const MOST = 8

/**
 * A team's old content may be on no disk of this computer. Whatever asks for it finds it brought: the call waits until it
 * is here, and is made again. Where it cannot be had, the error says both: that it is not here, and why it did not come.
 */
export function bringing(link: ClientLink<ClientContext>): ClientLink<ClientContext> {
  const underWay = new Map<string, Promise<unknown>>()
  const bring = (versionId: string): Promise<unknown> => {
    const already = underWay.get(versionId)
    if (already) return already
    useBringing.setState(({ versions }) => ({ versions: versions + 1 }))
    const brought = link.call(['sync', 'fetchContent'], { versionId }, { context: {} }).finally(() => {
      underWay.delete(versionId)
      useBringing.setState(({ versions }) => ({ versions: versions - 1 }))
    })
    underWay.set(versionId, brought)
    return brought
  }
  return {
    call: async (path, input, options) => {
      const tried = new Set<string>()
      for (;;) {
        try {
          return await link.call(path, input, options)
        } catch (error) {
          const versionId = elsewhere(error)
          if (versionId === undefined || tried.has(versionId) || tried.size >= MOST) throw error
          tried.add(versionId)
          await bring(versionId).catch(why => {
            throw notBrought(versionId, why)
          })
        }
      }
    },
  }
}

function elsewhere(error: unknown): string | undefined {
  if (!(error instanceof ORPCError) || error.code !== 'CONTENT_ELSEWHERE') return undefined
  const { data } = error
  return typeof data === 'object' && data !== null && 'versionId' in data && typeof data.versionId === 'string'
    ? data.versionId
    : undefined
}

function notBrought(versionId: string, why: unknown): unknown {
  if (!(why instanceof ORPCError) || !why.defined) return why
  const part = (name: 'kept' | 'todo') => {
    const value: unknown = typeof why.data === 'object' && why.data !== null ? Reflect.get(why.data, name) : undefined
    return typeof value === 'string' ? { [name]: value } : {}
  }
  const parts = {
    happened: `The content of this version is not on this computer, and it could not be brought. ${why.message}`,
    ...part('kept'),
    ...part('todo'),
  }
  // One sentence after the other where nobody shows them apart.
  const message = [parts.happened, 'todo' in parts && parts.todo].filter(Boolean).join(' ')
  return new ORPCError('CONTENT_ELSEWHERE', { defined: true, message, data: { versionId, ...parts } })
}

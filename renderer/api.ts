import { createORPCClient, ORPCError } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { createTanstackQueryUtils } from '@orpc/tanstack-query'
import { QueryClient } from '@tanstack/react-query'
import type { desktop as desktopContract } from '../shared/contract/desktop.ts'
import type { AppContract } from '../shared/contract/index.ts'
import { bringing } from './bring-content.ts'
import { links } from './connection.ts'

/** The backend, typed by the contract: `await api.versions.save({ skillId, message })`. */
export const api: ContractRouterClient<AppContract> = createORPCClient(bringing(links.app))
/** What only the desktop can do; the browser host answers what it can. */
export const desktop: ContractRouterClient<typeof desktopContract> = createORPCClient(links.desktop)

/** The same as TanStack Query options: `useQuery(query.skills.get.queryOptions({ input: { id } }))`. */
export const query = createTanstackQueryUtils(api)

/** A cache of what SQLite says, never a second truth: refreshed by the `changes` stream, not by time. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      networkMode: 'always',
      retry: (failures, error) => !isExpected(error) && failures < 2,
    },
    mutations: { networkMode: 'always' },
  },
})

/** Whether a failure is one that the contract names, rather than a bug or a lost connection. */
export const isExpected = (error: unknown): error is ORPCError<string, unknown> =>
  error instanceof ORPCError && error.defined

/** The one way an error becomes words for a person: the contract's message where it is one of ours. */
export function sayError(error: unknown): string {
  if (isExpected(error)) return error.message
  if (error instanceof Error && error.name === 'AbortError') return 'Stopped.'
  return error instanceof Error ? `Something went wrong: ${error.message}` : 'Something went wrong.'
}

import type { SyncControl } from '../sync/control.ts'

/** For a library that syncs with nobody: every question has an answer, and joining says why it does not work. */
export const noTeams: SyncControl = {
  wake: () => undefined,
  status: () => [],
  join: async () => ({
    kind: 'problem',
    problem: {
      code: 'unexpected',
      happened: 'This way of running Whetstone does not sync.',
      kept: 'The invite was not used.',
      todo: 'Paste it into the app.',
    },
  }),
  start: () => undefined,
  pause: () => undefined,
  now: () => undefined,
  leave: async () => undefined,
  fetch: async (_tenantId, hashes) => ({ kind: 'missing', hashes: [...hashes] }),
  heal: async () => 0,
  approve: async () => ({
    kind: 'problem',
    problem: {
      code: 'unexpected',
      happened: 'This way of running Whetstone does not sync.',
      kept: 'Nothing was approved.',
      todo: 'Approve it in the app.',
    },
  }),
  close: async () => undefined,
}

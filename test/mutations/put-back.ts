import type { Mistake } from './mistakes.ts'

const FOUND = 'test/sync/found-put-back.long.test.ts'

const overlooked = (what: string, find: string, replace: string, suite: Mistake['suite']): Mistake => ({
  name: `sync: ${what}`,
  edits: [{ file: 'electron/sync/pull.ts', find, replace }],
  suite,
})

/** A registry that was put back to an older state, and is believed. */
export const PUT_BACK: readonly Mistake[] = [
  overlooked(
    'another epoch is ignored',
    'beginReconcile(team, { epoch: pulled.epoch, head: pulled.head, announced: moved })',
    `team.library.write(() =>
        updateSyncState(team.library, team.tenantId, { since: 0, mark: null, epoch: pulled.epoch }),
      )`,
    { file: 'test/sync/rounds.test.ts' },
  ),
  overlooked(
    'a registry that forgot what it acknowledged is believed',
    'const lost = takeLost(library, tenantId, clock()) > 0',
    'const lost = takeLost(library, tenantId, clock()) < 0',
    { file: 'test/sync/found.long.test.ts', test: 'acknowledged and then forgotten' },
  ),
  overlooked('fewer changes than it was heard to have mean nothing', 'pulled.head >= state.head', 'pulled.head >= 0', {
    file: FOUND,
    test: 'seed 5617350',
  }),
  overlooked(
    'what was known is forgotten while everything is read again',
    'state.known_since === 0',
    'state.known_since >= 0',
    { file: FOUND, test: 'seed 6174464' },
  ),
]

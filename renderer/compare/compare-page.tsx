import { Button } from '@mantine/core'
import { useLocation, useSearch } from 'wouter'
import { address } from '../routes.ts'
import { Page } from '../ui/page.tsx'
import { pairAddress, readCompareState, readsPair, withMode } from './compare-address.ts'
import { CompareView } from './compare-view.tsx'
import { PairDrop } from './files/pair-drop.tsx'
import { PairView } from './files/pair-view.tsx'

/** Compares any two versions of any skills, all of it in the address; or two files that only this page knows. */
export function ComparePage() {
  const [, navigate] = useLocation()
  const asked = useSearch()
  const state = readCompareState(asked)
  const openPair = () => {
    if (!readsPair(asked)) navigate(pairAddress(state.mode))
  }
  return (
    <Page title="Compare">
      <PairDrop onTaken={openPair}>
        {readsPair(asked) ? (
          <PairView
            mode={state.mode}
            onMode={mode => navigate(pairAddress(mode))}
            onClose={() => navigate(withMode(address.compare(), state.mode))}
          />
        ) : (
          <CompareView
            state={state}
            onChange={next => navigate(withMode(address.compare(next), next.mode))}
            more={
              <Button variant="subtle" onClick={openPair}>
                Two files…
              </Button>
            }
          />
        )}
      </PairDrop>
    </Page>
  )
}

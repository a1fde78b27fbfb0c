import { useLocation, useSearch } from 'wouter'
import { address } from '../routes.ts'
import { Page } from '../ui/page.tsx'
import { readCompareState, withMode } from './compare-address.ts'
import { CompareView } from './compare-view.tsx'

/** Compares any two versions of any skills; all of it is in the address. */
export function ComparePage() {
  const [, navigate] = useLocation()
  const state = readCompareState(useSearch())
  return (
    <Page title="Compare">
      <CompareView state={state} onChange={next => navigate(withMode(address.compare(next), next.mode))} />
    </Page>
  )
}

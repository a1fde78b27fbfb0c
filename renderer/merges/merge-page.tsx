import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useLocation, useSearch } from 'wouter'
import { isExpected, query, sayError } from '../api.ts'
import { address, type MergeView, readMergeView } from '../routes.ts'
import { Empty } from '../ui/empty.tsx'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { Page } from '../ui/page.tsx'
import { Waiting } from '../ui/waiting.tsx'
import { MergeScreen } from './merge-screen.tsx'
import { type Names, namesOf } from './names.ts'
import type { Prepared } from './plan.ts'

/** Two versions that went apart, put together again. */
export function MergePage() {
  const view = readMergeView(useSearch())
  if (view) return <Pair key={`${view.left} ${view.right}`} view={view} />
  return (
    <Page title="Merge">
      <Empty title="Choose two versions to merge">
        A skill’s history offers it wherever two versions both come from a third.
      </Empty>
    </Page>
  )
}

function Pair({ view }: { view: MergeView }) {
  const [, navigate] = useLocation()
  const prepared = useQuery(query.merges.prepare.queryOptions({ input: { leftId: view.left, rightId: view.right } }))
  const { data, error } = prepared
  if (error)
    return (
      <Page title="Merge">
        <ErrorNotice
          happened={
            isExpected(error) && error.code === 'NOT_FOUND'
              ? 'One of these versions is no longer here.'
              : sayError(error)
          }
          kept="Nothing was changed."
          remedies={[{ label: 'Try again', run: () => void prepared.refetch() }]}
        />
      </Page>
    )
  if (!data)
    return (
      <Page title="Merge">
        <Waiting what="Looking for what both come from…" />
      </Page>
    )
  const names = namesOf(data)
  const whole = data.base?.id === data.left.id ? 'right' : data.base?.id === data.right.id ? 'left' : undefined
  if (whole)
    return (
      <Page title="Merge">
        <NothingToMerge
          names={names}
          whole={whole}
          onHistory={() => navigate(address.skill(data.skillId, 'history'))}
          prepared={data}
        />
      </Page>
    )
  return (
    <MergeScreen
      prepared={data}
      names={names}
      file={view.file}
      onFile={file => navigate(address.merge({ ...view, file }), { replace: true })}
    />
  )
}

type NothingProps = { prepared: Prepared; names: Names; whole: 'left' | 'right'; onHistory: () => void }

function NothingToMerge({ prepared, names, whole, onHistory }: NothingProps) {
  const same = prepared.left.id === prepared.right.id
  const other = whole === 'left' ? 'right' : 'left'
  return (
    <Empty
      title="There is nothing to merge"
      actions={
        <Button variant="default" onClick={onHistory}>
          Back to the history
        </Button>
      }
    >
      {same
        ? 'Both sides are the same version.'
        : `${names[whole]} was made from ${names[other]}, so it has all of it.`}
    </Empty>
  )
}

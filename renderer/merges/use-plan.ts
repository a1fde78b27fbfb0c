import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { query, queryClient } from '../api.ts'
import { mergeBeside } from './merge-client.ts'
import { type FileMerge, type Loaded, type Prepared, planOf } from './plan.ts'

/** Reads and merges every text that both sides changed. */
export function usePlan(prepared: Prepared): { plan: FileMerge[] | undefined; error: Error | null } {
  const texts = prepared.files.filter(file => file.state === 'text')
  const results = useQueries({
    queries: texts.map(file => ({
      // Named by what is merged: content never changes.
      queryKey: ['merged-text', file.path, file.base?.sha256 ?? null, file.left?.sha256, file.right?.sha256],
      queryFn: () => load(prepared, file),
    })),
    combine: loaded => ({
      error: loaded.find(each => each.error)?.error ?? null,
      data: loaded.map(each => each.data),
    }),
  })
  const { data, error } = results
  // biome-ignore lint/correctness/useExhaustiveDependencies: `texts` is part of `prepared`
  const plan = useMemo(() => {
    const loaded = texts.flatMap((file, index) => {
      const text = data[index]
      return text ? [[file.path, text] as const] : []
    })
    return planOf(prepared, new Map(loaded))
  }, [prepared, data])
  return { plan, error }
}

async function load(prepared: Prepared, file: Prepared['files'][number]): Promise<Loaded> {
  const [base, left, right] = await Promise.all([
    file.base && prepared.base ? read(prepared.base.id, file.base.path) : undefined,
    read(prepared.left.id, file.left?.path ?? file.path),
    read(prepared.right.id, file.right?.path ?? file.path),
  ])
  if (left === null || right === null || base === null) return { kind: 'whole' }
  return { kind: 'text', left, right, merged: await mergeBeside({ path: file.path, base, left, right }) }
}

/** Null where it is too large to be shown as text. */
async function read(versionId: string, path: string): Promise<string | null> {
  const of = { kind: 'version', id: versionId } as const
  const file = await queryClient.fetchQuery(query.files.read.queryOptions({ input: { of, path } }))
  return file.kind === 'text' ? file.text : null
}

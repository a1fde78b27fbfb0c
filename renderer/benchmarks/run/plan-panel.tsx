import { Button, Checkbox, Stack, Table } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation, useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import type { Plan, PlanInput } from '../../../shared/contract/benchmarks.ts'
import type { GivenFile } from '../../../shared/domain/benchmark/laid-files.ts'
import { showName } from '../../../shared/domain/paths.ts'
import { api, isExpected, query, sayError } from '../../api.ts'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { compact, count, formatNumber, money } from '../../ui/format.ts'
import { tell, tellError } from '../../ui/tell.ts'
import classes from '../benchmarks.module.css'

type Props = {
  /** Undefined while something is still to be chosen. */
  input: PlanInput | undefined
  onStarted: (batchId: string) => void
  /** The reader chose which files that configure an agent it is given. */
  onGive: (given: GivenFile[]) => void
}

const TYPING_MS = 250

/** What a run would do and cost, before the first call. Starting it is consent to exactly this plan. */
export function PlanPanel({ input, onStarted, onGive }: Props) {
  const [settled] = useDebouncedValue(input, TYPING_MS)
  const plan = useQuery(
    query.benchmarks.plan.queryOptions({
      input: settled ?? NOTHING,
      enabled: settled !== undefined,
      placeholderData: before => before,
      staleTime: 0,
    }),
  )
  const start = useMutation({
    mutationFn: async ({ of, consent }: { of: PlanInput; consent: string }) => api.benchmarks.start({ ...of, consent }),
    onSuccess: ({ batchId }) => onStarted(batchId),
    onError: error => {
      if (isExpected(error) && error.code === 'PLAN_CHANGED') {
        void plan.refetch()
        tell({ title: 'Not started', message: 'Something changed since this plan was made. Here is the new one.' })
      } else tellError(error, 'Nothing was started.')
    },
  })
  if (settled === undefined)
    return (
      <aside className={classes.plan} aria-label="Plan">
        <p className={classes.quiet}>
          Choose what is tried, by whom and on which cases; the plan with its cost comes here before anything is sent.
        </p>
      </aside>
    )
  if (plan.error)
    return (
      <aside className={classes.plan} aria-label="Plan">
        <ErrorNotice happened={sayError(plan.error)} kept="Nothing was sent." todo={reasonsOf(plan.error).join(' ')} />
      </aside>
    )
  if (!plan.data) return <aside className={classes.plan} aria-label="Plan" aria-busy />
  const { data } = plan
  const asked = data.cells - data.cached
  return (
    <aside className={classes.plan} aria-label="Plan">
      <p className={classes.words}>
        {count(data.cells, 'cell')},{' '}
        {data.expectedMicrocents === null ? 'cost not known' : `about ${money(data.expectedMicrocents)}`}
      </p>
      <p className={classes.quiet}>
        {data.cached > 0 && `${formatNumber(data.cached)} are known already and cost nothing. `}
        {asked > 0 && `About ${compact(data.tokens.input)} tokens in and ${compact(data.tokens.output)} out. `}
        {data.mostMicrocents !== null && `At the very most ${money(data.mostMicrocents)}.`}
      </p>
      <Models plan={data} />
      {data.warnings.map(warning => (
        <p key={warning} className={classes.warning}>
          ⚠ {warning}
        </p>
      ))}
      <Configuring files={data.configuring} onGive={onGive} />
      <Button
        mt="md"
        loading={start.isPending}
        disabled={plan.isFetching || settled !== input || data.configuring.some(one => one.required && !one.given)}
        onClick={() => start.mutate({ of: settled, consent: data.hash })}
      >
        {asked === 0 ? `Take ${count(data.cells, 'cell')} from what is known` : `Run ${count(asked, 'cell')}`}
      </Button>
      <details>
        <summary>What these figures rest on</summary>
        <ul className={classes.list}>
          {data.assumptions.map(line => (
            <li key={line}>{line}</li>
          ))}
          <li>Prices: {data.priceTable}.</li>
        </ul>
      </details>
    </aside>
  )
}

/** Each is named and asked for: an agent takes hooks, servers and instructions from them as soon as it starts. */
function Configuring({ files, onGive }: { files: Plan['configuring']; onGive: Props['onGive'] }) {
  if (files.length === 0) return null
  const change = (changed: Plan['configuring'][number], given: boolean) =>
    onGive(
      files.filter(one => (one === changed ? given : one.given)).map(({ of, path, sha256 }) => ({ of, path, sha256 })),
    )
  return (
    <Stack gap={4} mt="xs">
      {files.map(file => (
        <Checkbox
          key={`${file.of} ${file.path}`}
          size="xs"
          label={`Give the agent ${showName(file.path)} of “${file.ofName}”`}
          description={`It configures ${file.whose} and may run programs. Only if you trust who wrote it.`}
          checked={file.given}
          onChange={event => change(file, event.currentTarget.checked)}
        />
      ))}
    </Stack>
  )
}

function Models({ plan }: { plan: Plan }) {
  return (
    <Table className={classes.runs} verticalSpacing={2}>
      <Table.Tbody>
        {plan.perModel.map(row => (
          <Table.Tr key={`${row.role} ${row.provider} ${row.model}`}>
            <Table.Td>
              {row.model}
              {row.role === 'judge' && ' (judge)'}
            </Table.Td>
            <Table.Td data-figure>{count(row.requests, 'request')}</Table.Td>
            <Table.Td data-figure>
              {row.expectedMicrocents === null ? 'not known' : money(row.expectedMicrocents)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

const reasons = z.object({ reasons: z.array(z.string()) })
/** Why a plan is impossible, where the error says so. */
export function reasonsOf(error: unknown): string[] {
  return isExpected(error) ? (reasons.safeParse(error.data).data?.reasons ?? []) : []
}

/** Never sent: the query is off without an input. */
const NOTHING: PlanInput = {
  skillId: '-',
  subjects: [{ kind: 'none' }],
  contestants: [],
  repeats: 1,
  settings: { manner: 'progressive', maxSteps: 10, maxOutputTokens: 4_096, temperature: null, timeLimitMs: 300_000 },
  judge: null,
  judgeMayContend: false,
  budgetMicrocents: null,
  acceptUnpriced: false,
}

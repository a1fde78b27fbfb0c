import { Button, Checkbox, Group, SegmentedControl, Select, Stack, Table, Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { SkillDetail } from '../../shared/contract/skills.ts'
import type { TriggerInput, TriggerPlan, TriggerScore } from '../../shared/contract/trigger-tests.ts'
import { api, query, sayError } from '../api.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { compact, count, formatNumber, money } from '../ui/format.ts'
import { NumberField, RequiredNumberField } from '../ui/number-field.tsx'
import { tell, tellError } from '../ui/tell.ts'
import { Time, useNow } from '../ui/time.tsx'
import classes from './benchmarks.module.css'
import { reasonsOf } from './run/plan-panel.tsx'
import { grouped, useContestants } from './run/use-contestants.ts'

type Draft = { id?: string; prompt: string; should: boolean }

/** Is this skill chosen when it should be, and left alone when not? By the wording of its description. */
export function TriggerTests({ skill, changed }: { skill: SkillDetail; changed: boolean }) {
  const scores = useQuery(query.triggerTests.scores.queryOptions({ input: { skillId: skill.id } }))
  return (
    <section className={classes.results} aria-labelledby="trigger">
      <h2 id="trigger">Trigger tests</h2>
      <p className={classes.quiet}>
        A model sees the name and description of this skill beside those of others, and each prompt, and says which
        skill it would use. Precision: of the times it chose this one, how often it should have. Recall: of the times it
        should have, how often it did.
      </p>
      <Prompts skillId={skill.id} />
      <RunTests skill={skill} changed={changed} onDone={() => void scores.refetch()} />
      {scores.error && <ErrorNotice happened={sayError(scores.error)} />}
      {(scores.data?.length ?? 0) > 0 && <Scores scores={scores.data ?? []} />}
    </section>
  )
}

function Prompts({ skillId }: { skillId: string }) {
  const cases = useQuery(query.triggerTests.cases.queryOptions({ input: { skillId } }))
  const [drafts, setDrafts] = useState<Draft[]>()
  useEffect(() => {
    if (cases.data) setDrafts(was => was ?? cases.data)
  }, [cases.data])
  if (!drafts) return null
  const set = (place: number, change: Partial<Draft>) =>
    setDrafts(drafts.map((draft, at) => (at === place ? { ...draft, ...change } : draft)))
  const save = async (next: Draft[]) => {
    try {
      const kept = await api.triggerTests.saveCases({
        skillId,
        cases: next.filter(draft => draft.prompt.trim() !== ''),
      })
      setDrafts(kept)
      tell({ message: `${count(kept.length, 'prompt')} ${kept.length === 1 ? 'is' : 'are'} kept.` })
    } catch (error) {
      tellError(error, 'The prompts were not kept.')
    }
  }
  return (
    <Stack gap="sm">
      {drafts.map((draft, place) => (
        <Group key={draft.id ?? `new ${place}`} gap="sm" align="flex-start" wrap="nowrap">
          <Textarea
            aria-label={`Prompt ${place + 1}`}
            autosize
            minRows={1}
            maxRows={6}
            flex={1}
            value={draft.prompt}
            onChange={event => set(place, { prompt: event.currentTarget.value })}
          />
          <SegmentedControl
            aria-label={`Prompt ${place + 1} should`}
            value={draft.should ? 'yes' : 'no'}
            onChange={value => set(place, { should: value === 'yes' })}
            data={[
              { value: 'yes', label: 'should trigger' },
              { value: 'no', label: 'should not' },
            ]}
          />
          <Button variant="subtle" color="gray" onClick={() => setDrafts(drafts.filter((_, at) => at !== place))}>
            Remove
          </Button>
        </Group>
      ))}
      <Group gap="sm">
        <Button variant="default" onClick={() => setDrafts([...drafts, { prompt: '', should: true }])}>
          Add a prompt
        </Button>
        <Button onClick={() => void save(drafts)}>Keep the prompts</Button>
      </Group>
    </Stack>
  )
}

const DOLLAR = 100_000_000

function RunTests({ skill, changed, onDone }: { skill: SkillDetail; changed: boolean; onDone: () => void }) {
  const { options } = useContestants()
  const models = options.filter(option => option.contestant.kind === 'model')
  const versions = useQuery(query.versions.list.queryOptions({ input: { skillId: skill.id } }))
  const [model, setModel] = useState<string | null>(null)
  const [of, setOf] = useState<string | null>(null)
  const [repeats, setRepeats] = useState(1)
  const [among, setAmong] = useState<'alike' | 'all'>('alike')
  const [alike, setAlike] = useState(30)
  const [budget, setBudget] = useState<number | null>(1)
  const [acceptUnpriced, setAcceptUnpriced] = useState(false)
  const [progress, setProgress] = useState<{ done: number; total: number }>()
  const [stop, setStop] = useState<AbortController>()
  const tried = of ?? (changed || !skill.newest ? 'working' : skill.newest.id)
  const contestant = models.find(option => option.value === model)?.contestant
  const input: TriggerInput | undefined =
    contestant?.kind === 'model'
      ? {
          of: tried === 'working' ? { kind: 'working', skillId: skill.id } : { kind: 'version', id: tried },
          model: { providerId: contestant.providerId, model: contestant.model },
          rivals: among === 'all' ? { kind: 'all' } : { kind: 'alike', count: alike },
          repeats,
        }
      : undefined
  const plan = usePlan(input)
  const unpriced = plan.data?.expectedMicrocents === null
  const run = async (of: TriggerInput) => {
    const controller = new AbortController()
    setStop(controller)
    try {
      const steps = await api.triggerTests.run(
        { ...of, budgetMicrocents: budget === null ? null : Math.round(budget * DOLLAR) },
        { signal: controller.signal },
      )
      let step = await steps.next()
      while (!step.done) {
        setProgress(step.value)
        step = await steps.next()
      }
    } catch (error) {
      if (!controller.signal.aborted) tellError(error, 'The tests did not come to their end.')
    }
    setProgress(undefined)
    setStop(undefined)
    void plan.refetch()
    onDone()
  }
  if (models.length === 0) return <p className={classes.quiet}>Set up a model provider to run them.</p>
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end">
        <Select
          label="Wording of"
          data={[
            ...(changed || !skill.newest ? [{ value: 'working', label: 'the working copy' }] : []),
            ...(versions.data ?? []).map(version => ({ value: version.id, label: `v${version.number ?? '–'}` })),
          ]}
          value={tried}
          onChange={setOf}
          allowDeselect={false}
        />
        <Select label="Asked" data={grouped(models)} value={model} onChange={setModel} searchable />
        <RequiredNumberField label="Times each" w={100} min={1} max={20} value={repeats} onChange={setRepeats} />
        <Select
          label="Shown beside it"
          data={[
            { value: 'alike', label: 'the skills most like it' },
            { value: 'all', label: 'all skills of this library' },
          ]}
          value={among}
          onChange={value => setAmong(value === 'all' ? 'all' : 'alike')}
          allowDeselect={false}
        />
        {among === 'alike' && (
          <RequiredNumberField label="How many" w={100} min={1} max={500} value={alike} onChange={setAlike} />
        )}
        <NumberField
          label="At most, in US$"
          w={130}
          min={0}
          decimalScale={2}
          placeholder="no ceiling"
          value={budget ?? undefined}
          onChange={value => setBudget(value !== null && value > 0 ? value : null)}
        />
      </Group>
      {plan.error && input && (
        <ErrorNotice happened={sayError(plan.error)} kept="Nothing was sent." todo={reasonsOf(plan.error).join(' ')} />
      )}
      {plan.data && input && contestant?.kind === 'model' && (
        <>
          <SayPlan plan={plan.data} model={contestant.model} />
          {unpriced && (
            <Checkbox
              label={`The price of ${contestant.model} is not known: ask all the same`}
              checked={acceptUnpriced}
              onChange={event => setAcceptUnpriced(event.currentTarget.checked)}
            />
          )}
        </>
      )}
      <div>
        {stop ? (
          <Button variant="default" onClick={() => stop.abort()}>
            Stop{progress ? ` (${progress.done} of ${progress.total})` : ''}
          </Button>
        ) : (
          <Button
            disabled={input === undefined || !plan.data || plan.isFetching || (unpriced && !acceptUnpriced)}
            onClick={() => input && void run(input)}
          >
            Run the tests
          </Button>
        )}
      </div>
    </Stack>
  )
}

const TYPING_MS = 250
/** Stands in while nothing is asked. */
const NOTHING: TriggerInput = { of: { kind: 'working', skillId: '' }, model: { providerId: '', model: '-' } }

/** What the tests would ask and cost, as soon as it is clear whom they ask. */
function usePlan(input: TriggerInput | undefined) {
  const [settled] = useDebouncedValue(JSON.stringify(input), TYPING_MS)
  const isSettled = settled === JSON.stringify(input)
  return useQuery(
    query.triggerTests.plan.queryOptions({
      input: input ?? NOTHING,
      enabled: input !== undefined && isSettled,
      staleTime: 0,
      retry: false,
    }),
  )
}

function SayPlan({ plan, model }: { plan: TriggerPlan; model: string }) {
  const asked = plan.questions - plan.known
  const cost =
    plan.expectedMicrocents === null
      ? 'cost not known'
      : `about ${money(plan.expectedMicrocents)} by the prices of ${plan.priceTable}`
  return (
    <div role="status">
      <p className={classes.words}>
        {asked === 0
          ? `${count(plan.questions, 'answer')} of ${model} ${plan.questions === 1 ? 'is' : 'are'} known: nothing is asked`
          : `${count(asked, 'question')} to ${model}, each about ${compact(plan.tokens.perQuestion)} tokens: ${cost}`}
      </p>
      {plan.known > 0 && asked > 0 && (
        <p className={classes.quiet}>{formatNumber(plan.known)} more are known already and cost nothing.</p>
      )}
      <details>
        <summary>
          Beside {count(plan.rivals.length, 'skill')} of {formatNumber(plan.others)}
        </summary>
        <p className={classes.quiet}>{plan.rivals.map(({ name }) => name).join(', ') || 'There is no other skill.'}</p>
      </details>
    </div>
  )
}

const percent = (rate: TriggerScore['precision']): string =>
  rate === null
    ? '–'
    : `${Math.round(rate.rate * 100)}% (${Math.round(rate.low * 100)}–${Math.round(rate.high * 100)}), ${rate.hits} of ${rate.of}`

function Scores({ scores }: { scores: TriggerScore[] }) {
  const now = useNow()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="Scores by wording">
      <Table className={classes.runs} verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Versions</Table.Th>
            <Table.Th>Description</Table.Th>
            <Table.Th>Model</Table.Th>
            <Table.Th>Precision (95%)</Table.Th>
            <Table.Th>Recall (95%)</Table.Th>
            <Table.Th>When</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {scores.map(score => (
            <Table.Tr key={`${score.descriptionHash} ${score.model} ${score.at}`}>
              <Table.Td>
                {score.versions.length === 0
                  ? 'not saved'
                  : score.versions.map(number => `v${number ?? '–'}`).join(', ')}
              </Table.Td>
              <Table.Td className={classes.evidence}>{score.description}</Table.Td>
              <Table.Td>{score.model}</Table.Td>
              <Table.Td>{percent(score.precision)}</Table.Td>
              <Table.Td>{percent(score.recall)}</Table.Td>
              <Table.Td>
                <Time at={score.at} now={now} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}

import { Button, Checkbox, Group, MultiSelect, SegmentedControl, Select, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { PlanInput, RunSettings, Subject } from '../../../shared/contract/benchmarks.ts'
import { query } from '../../api.ts'
import { address } from '../../routes.ts'
import { Empty } from '../../ui/empty.tsx'
import { NumberField, RequiredNumberField } from '../../ui/number-field.tsx'
import classes from '../benchmarks.module.css'
import { CaseChoice } from './case-choice.tsx'
import { chosenIds } from './chosen-cases.ts'
import { PlanPanel } from './plan-panel.tsx'
import { useRunChoices } from './run-choices.ts'
import { grouped, useContestants } from './use-contestants.ts'

type Props = { skillId: string; tenantId: string; changed: boolean; onStarted: (batchId: string) => void }

const DOLLAR = 100_000_000
/** What to try on the cases, by whom, how often and for how much at most. The plan beside it says what that will cost. */
export function RunForm({ skillId, tenantId, changed, onStarted }: Props) {
  const versions = useQuery(query.versions.list.queryOptions({ input: { skillId } }))
  const others = useQuery(
    query.skills.list.queryOptions({
      input: { tenantId, query: '', filters: [], sort: 'name', descending: false, offset: 0, limit: 200 },
    }),
  )
  const { options, ready } = useContestants()
  const cases = useQuery(query.cases.list.queryOptions({ input: { skillId } }))
  const prices = useQuery(query.providers.prices.queryOptions())
  const newest = versions.data?.[0]
  const [choices, choose] = useRunChoices(skillId)
  const { subjects, contestants, repeats, judge, judgeMayContend, budget, given, settings } = choices
  const [acceptUnpriced, setAcceptUnpriced] = useState(false)
  if (!versions.data || !ready || !cases.data) return null
  if (options.length === 0)
    return (
      <Empty
        title="Nobody to ask yet"
        actions={
          <Button component={Link} href={address.providers()}>
            Set up a model provider
          </Button>
        }
      >
        A run asks a model, or an agent on this computer, to do each case with the skill and without it. Results that
        were made elsewhere can be imported without one.
      </Empty>
    )
  const first = newest ? [`version ${newest.id}`, 'none'] : changed ? ['working', 'none'] : ['none']
  const tried = subjects ?? first
  const optionOf = (value: string) => options.find(option => option.value === value)
  const of = (value: string) => optionOf(value)?.contestant
  const judgeOf = judge === null ? undefined : of(judge)
  const asked = [...contestants, ...(judge === null ? [] : [judge])].flatMap(value => optionOf(value) ?? [])
  // What an agent will use nobody can foresee; it may say afterwards.
  const unpriced = asked.flatMap(({ label, contestant: one }) =>
    one.kind === 'command' || !hasPrice(prices.data?.models, one.providerId, one.model) ? [label] : [],
  )
  const caseIds = chosenIds(cases.data.cases, choices.cases)
  const input: PlanInput = {
    skillId,
    subjects: tried.map(value => subjectOf(value, skillId)),
    contestants: contestants.flatMap(value => of(value) ?? []),
    ...(caseIds && { caseIds }),
    repeats,
    settings,
    judge: judgeOf?.kind === 'model' ? { providerId: judgeOf.providerId, model: judgeOf.model } : null,
    judgeMayContend,
    budgetMicrocents: budget === null ? null : Math.round(budget * DOLLAR),
    acceptUnpriced,
    ...(given.length > 0 && { given }),
  }
  return (
    <div className={classes.form}>
      <Stack gap="md">
        <MultiSelect
          label="What is tried"
          description="Every one on the same cases. ‘No skill’ shows what the skill brings at all."
          searchable
          data={[
            {
              group: 'This skill',
              items: [
                ...(changed || !newest ? [{ value: 'working', label: 'Working copy, as it is now' }] : []),
                ...versions.data.map(version => ({
                  value: `version ${version.id}`,
                  label: version.number === null ? 'newest, not numbered' : `v${version.number}`,
                })),
              ],
            },
            { group: 'To compare with', items: [{ value: 'none', label: 'No skill' }] },
            {
              group: 'Another skill',
              items: (others.data?.rows ?? []).flatMap(row =>
                row.newest && row.id !== skillId
                  ? [
                      {
                        value: `version ${row.newest.id}`,
                        label: `${row.slug}${row.newest.number === null ? '' : ` v${row.newest.number}`}`,
                      },
                    ]
                  : [],
              ),
            },
          ]}
          value={tried}
          onChange={subjects => choose({ subjects })}
        />
        <MultiSelect
          label="Who tries"
          data={grouped(options)}
          value={contestants}
          onChange={contestants => choose({ contestants })}
          searchable
          placeholder={contestants.length === 0 ? 'Choose one or more' : ''}
        />
        <CaseChoice cases={cases.data.cases} choice={choices.cases} onChange={cases => choose({ cases })} />
        <Group gap="md" align="flex-start" grow>
          <RequiredNumberField
            label="Repeats of each case"
            description="More show which cases are flaky."
            min={1}
            max={100}
            value={repeats}
            onChange={repeats => choose({ repeats })}
          />
          <NumberField
            label="At most"
            description="The run stops before it would cost more."
            prefix="$"
            min={0}
            decimalScale={2}
            placeholder="no ceiling"
            value={budget}
            onChange={value => choose({ budget: value !== null && value > 0 ? value : null })}
          />
        </Group>
        {budget !== null && unpriced.length > 0 && (
          <Checkbox
            label={`Go on although the price of ${unpriced.join(', ')} is not known`}
            description="The ceiling cannot hold for it. A model’s price can be given under Model providers."
            checked={acceptUnpriced}
            onChange={event => setAcceptUnpriced(event.currentTarget.checked)}
          />
        )}
        <Select
          label="Judge"
          description="Grades what the cases demand in words. Without one, such demands stay ungraded."
          data={grouped(options.filter(option => option.contestant.kind === 'model'))}
          value={judge}
          onChange={judge => choose({ judge })}
          clearable
          searchable
        />
        {judge !== null && contestants.includes(judge) && (
          <Checkbox
            label="Let the judge grade its own output"
            description="It tends to like what it wrote itself."
            checked={judgeMayContend}
            onChange={event => choose({ judgeMayContend: event.currentTarget.checked })}
          />
        )}
        <Advanced settings={settings} onChange={change => choose({ settings: { ...settings, ...change } })} />
      </Stack>
      <PlanPanel
        input={
          input.contestants.length === 0 || input.subjects.length === 0 || caseIds?.length === 0 ? undefined : input
        }
        onStarted={onStarted}
        onGive={given => choose({ given })}
      />
    </div>
  )
}

type Prices = { providerId: string; model: string; price: unknown }[]
const hasPrice = (prices: Prices | undefined, providerId: string, model: string): boolean =>
  prices?.some(one => one.providerId === providerId && one.model === model && one.price !== null) ?? true

function subjectOf(value: string, skillId: string): Subject {
  if (value === 'working') return { kind: 'working', skillId }
  return value === 'none' ? { kind: 'none' } : { kind: 'version', id: value.slice('version '.length) }
}

function Advanced({ settings, onChange }: { settings: RunSettings; onChange: (change: Partial<RunSettings>) => void }) {
  return (
    <details>
      <summary>How the skill is given, and limits</summary>
      <Stack gap="md" mt="sm">
        <SegmentedControl
          aria-label="How the skill is given"
          value={settings.manner}
          onChange={value => onChange({ manner: value === 'inlined' ? 'inlined' : 'progressive' })}
          data={[
            { value: 'progressive', label: 'As agents load it' },
            { value: 'inlined', label: 'All at once' },
          ]}
        />
        <p className={classes.quiet}>
          {settings.manner === 'progressive'
            ? 'Name and description first; the body when the model asks for it, other files by a reading tool. Scripts are not run.'
            : 'The whole skill stands in the system prompt. Scripts are not run.'}
        </p>
        <Group gap="md" grow>
          <RequiredNumberField
            label="Requests of one cell"
            min={1}
            max={50}
            value={settings.maxSteps}
            onChange={value => onChange({ maxSteps: value })}
          />
          <RequiredNumberField
            label="Tokens of an answer"
            min={1}
            max={200_000}
            value={settings.maxOutputTokens}
            onChange={value => onChange({ maxOutputTokens: value })}
          />
          <NumberField
            label="Temperature"
            min={0}
            max={2}
            step={0.1}
            placeholder="the model’s own"
            value={settings.temperature}
            onChange={value => onChange({ temperature: value })}
          />
          <RequiredNumberField
            label="Time of a request"
            suffix=" s"
            min={1}
            max={3600}
            value={settings.timeLimitMs / 1_000}
            onChange={value => onChange({ timeLimitMs: value * 1_000 })}
          />
        </Group>
      </Stack>
    </details>
  )
}

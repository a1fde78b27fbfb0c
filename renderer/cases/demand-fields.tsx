import { Checkbox, NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { type Assertion, assertion, sayAssertion } from '../../shared/domain/benchmark/assertion.ts'
import { IconAction } from '../ui/icon-action.tsx'
import classes from './cases.module.css'
import { TYPES, withType } from './draft.ts'

type Props = {
  demand: Assertion
  /** From 1, for names of fields. */
  number: number
  problem: string | undefined
  onChange: (demand: Assertion) => void
  onRemove: () => void
}

/** One demand on the output: its kind, and what that kind needs. */
export function DemandFields({ demand, number, problem, onChange, onRemove }: Props) {
  const supported = demand.type !== 'unsupported'
  return (
    <li className={classes.demand} aria-label={`Demand ${number}`}>
      <div className={classes.demandHead}>
        {supported ? (
          <Select
            aria-label={`Kind of demand ${number}`}
            data={TYPES}
            value={demand.type}
            allowDeselect={false}
            onChange={value => {
              const type = TYPES.find(each => each.value === value)?.value
              if (type !== undefined) onChange(withType(demand, type))
            }}
            w={220}
          />
        ) : (
          <span>{sayAssertion(demand)}: kept, and exported again</span>
        )}
        {supported && (
          <Checkbox
            label="not"
            aria-label={`Demand ${number}: the opposite`}
            checked={demand.not === true}
            onChange={event => {
              const { not: _, ...rest } = demand
              onChange(event.currentTarget.checked ? { ...rest, not: true } : rest)
            }}
          />
        )}
        <IconAction name={`Remove demand ${number}`} onClick={onRemove}>
          <IconX size={18} stroke={1.5} />
        </IconAction>
      </div>
      <Body demand={demand} number={number} onChange={onChange} />
      {problem !== undefined && (
        <p className={classes.problem} role="alert">
          {problem}
        </p>
      )}
    </li>
  )
}

type BodyProps = Pick<Props, 'demand' | 'number' | 'onChange'>

function Body({ demand, number, onChange }: BodyProps) {
  const name = `What demand ${number} asks`
  switch (demand.type) {
    case 'rubric':
    case 'contains':
    case 'equals':
      return (
        <>
          <Textarea
            aria-label={name}
            placeholder={demand.type === 'rubric' ? 'Names every required field' : 'Text'}
            autosize
            minRows={1}
            maxRows={12}
            value={demand.value}
            onChange={event => onChange({ ...demand, value: event.currentTarget.value })}
          />
          {demand.type !== 'rubric' && <AnyCase demand={demand} onChange={onChange} />}
        </>
      )
    case 'contains-all':
    case 'contains-any':
      return (
        <>
          <Textarea
            aria-label={name}
            description="One on each line"
            autosize
            minRows={2}
            maxRows={12}
            value={demand.values.join('\n')}
            onChange={event => onChange({ ...demand, values: event.currentTarget.value.split('\n') })}
          />
          <AnyCase demand={demand} onChange={onChange} />
        </>
      )
    case 'starts-with':
      return (
        <TextInput
          aria-label={name}
          value={demand.value}
          onChange={event => onChange({ ...demand, value: event.currentTarget.value })}
        />
      )
    case 'regex':
      return (
        <div className={classes.row}>
          <TextInput
            className={classes.grow}
            aria-label={name}
            value={demand.value}
            spellCheck={false}
            onChange={event => onChange({ ...demand, value: event.currentTarget.value })}
          />
          <Checkbox
            label="ignoring upper and lower case"
            checked={demand.flags?.includes('i') === true}
            onChange={event => {
              const others = (demand.flags ?? '').replace('i', '')
              const flags = event.currentTarget.checked ? `${others}i` : others
              const { flags: _, ...rest } = demand
              onChange(flags === '' ? rest : { ...rest, flags })
            }}
          />
        </div>
      )
    case 'json':
      return <JsonFields demand={demand} number={number} onChange={onChange} />
    case 'similar':
      return (
        <>
          <Textarea
            aria-label={name}
            autosize
            minRows={1}
            maxRows={12}
            value={demand.value}
            onChange={event => onChange({ ...demand, value: event.currentTarget.value })}
          />
          <NumberInput
            label="By at least, %"
            min={0}
            max={100}
            w={140}
            value={Math.round(demand.threshold * 100)}
            onChange={value => onChange({ ...demand, threshold: (Number(value) || 0) / 100 })}
          />
        </>
      )
    case 'length':
      return <LengthFields demand={demand} onChange={onChange} />
    case 'latency':
      return (
        <NumberInput
          aria-label={name}
          suffix=" ms"
          min={1}
          w={180}
          value={demand.maxMs}
          onChange={value => onChange({ ...demand, maxMs: Number(value) || 1 })}
        />
      )
    case 'cost':
      return (
        <NumberInput
          aria-label={name}
          suffix=" ¢"
          min={0.000001}
          decimalScale={6}
          w={180}
          value={demand.maxMicrocents / 1_000_000}
          onChange={value =>
            onChange({ ...demand, maxMicrocents: Math.max(1, Math.round((Number(value) || 0) * 1_000_000)) })
          }
        />
      )
    case 'unsupported':
      return <pre className={classes.source}>{JSON.stringify(demand.source, null, 2)}</pre>
    default:
      return demand satisfies never
  }
}

type Caseless = Extract<Assertion, { ignoreCase?: true | undefined }>

function AnyCase({ demand, onChange }: { demand: Caseless; onChange: (demand: Assertion) => void }) {
  return (
    <Checkbox
      label="ignoring upper and lower case"
      checked={demand.ignoreCase === true}
      onChange={event => {
        const { ignoreCase: _, ...rest } = demand
        onChange(event.currentTarget.checked ? { ...rest, ignoreCase: true } : rest)
      }}
    />
  )
}

type JsonDemand = Extract<Assertion, { type: 'json' }>

/** The schema is text until it is JSON: then it counts. */
function JsonFields({ demand, number, onChange }: { demand: JsonDemand; number: number; onChange: Props['onChange'] }) {
  const [text, setText] = useState(demand.schema === undefined ? '' : JSON.stringify(demand.schema, null, 2))
  const [wrong, setWrong] = useState<string>()
  const write = (next: string) => {
    setText(next)
    const { schema: _, ...rest } = demand
    if (next.trim() === '') {
      setWrong(undefined)
      return onChange(rest)
    }
    const parsed = parsedSchema(next)
    setWrong(parsed ? undefined : 'This is no JSON Schema yet, so the one before counts.')
    if (parsed) onChange({ ...rest, schema: parsed.schema })
  }
  return (
    <>
      <Select
        aria-label={`Where demand ${number} looks`}
        data={[
          { value: 'whole', label: 'The whole output is JSON' },
          { value: 'within', label: 'Some part of it is JSON' },
        ]}
        value={demand.where}
        allowDeselect={false}
        w={260}
        onChange={value => onChange({ ...demand, where: value === 'within' ? 'within' : 'whole' })}
      />
      <Textarea
        label="JSON Schema, if it must satisfy one"
        autosize
        minRows={2}
        maxRows={14}
        spellCheck={false}
        ff="monospace"
        value={text}
        error={wrong}
        onChange={event => write(event.currentTarget.value)}
      />
    </>
  )
}

function parsedSchema(text: string): { schema: NonNullable<JsonDemand['schema']> } | undefined {
  try {
    const parsed = assertion.safeParse({ type: 'json', where: 'whole', schema: JSON.parse(text) })
    return parsed.success && parsed.data.type === 'json' && parsed.data.schema !== undefined
      ? { schema: parsed.data.schema }
      : undefined
  } catch {
    return undefined
  }
}

type LengthDemand = Extract<Assertion, { type: 'length' }>

function LengthFields({ demand, onChange }: { demand: LengthDemand; onChange: Props['onChange'] }) {
  const bound = (key: 'min' | 'max', value: string | number) => {
    const { [key]: _, ...rest } = demand
    onChange(value === '' ? rest : { ...rest, [key]: Math.round(Number(value)) })
  }
  return (
    <div className={classes.row}>
      <NumberInput label="At least" min={0} w={110} value={demand.min ?? ''} onChange={value => bound('min', value)} />
      <NumberInput label="At most" min={0} w={110} value={demand.max ?? ''} onChange={value => bound('max', value)} />
      <Select
        label="Of"
        data={['words', 'characters', 'lines']}
        value={demand.unit}
        allowDeselect={false}
        w={140}
        onChange={value => {
          const unit = (['words', 'characters', 'lines'] as const).find(each => each === value)
          if (unit) onChange({ ...demand, unit })
        }}
      />
    </div>
  )
}

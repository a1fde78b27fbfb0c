import { Input, MultiSelect, SegmentedControl } from '@mantine/core'
import type { CaseRow } from '../../../shared/contract/cases.ts'
import { count } from '../../ui/format.ts'
import classes from '../benchmarks.module.css'
import { type CaseChoice as Choice, chosenIds, tagsOf } from './chosen-cases.ts'

type Props = { cases: readonly CaseRow[]; choice: Choice; onChange: (choice: Choice) => void }

/** A list of thousands is found by typing, not by scrolling. */
const SHOWN = 200

/** All cases, those of some tags, or picked ones; and how many that is. */
export function CaseChoice({ cases, choice, onChange }: Props) {
  const tags = tagsOf(cases)
  const ways = [
    { value: 'all' as const, label: 'All cases' },
    ...(tags.length > 0 ? [{ value: 'tag' as const, label: 'By tag' }] : []),
    { value: 'pick' as const, label: 'Picked' },
  ]
  const chosen = chosenIds(cases, choice)?.length ?? cases.length
  return (
    <Input.Wrapper
      label="Cases"
      labelElement="div"
      description="A run over a part is compared with runs over the same part only."
    >
      <SegmentedControl
        mt={4}
        aria-label="Cases"
        value={choice.by}
        onChange={value => onChange({ ...choice, by: ways.find(way => way.value === value)?.value ?? 'all' })}
        data={ways}
      />
      {choice.by === 'tag' && (
        <MultiSelect
          mt={8}
          aria-label="Tags of the cases"
          placeholder={choice.tags.length === 0 ? 'Cases with any of these tags' : ''}
          searchable
          data={tags.map(({ tag, cases: many }) => ({ value: tag, label: `${tag} (${many})` }))}
          value={choice.tags}
          onChange={next => onChange({ ...choice, tags: next })}
        />
      )}
      {choice.by === 'pick' && (
        <MultiSelect
          mt={8}
          aria-label="Picked cases"
          placeholder={choice.ids.length === 0 ? 'Type to find a case' : ''}
          searchable
          limit={SHOWN}
          nothingFoundMessage="No case is called that."
          data={cases.map(row => ({ value: row.id, label: row.content.name || row.content.prompt.slice(0, 80) }))}
          value={choice.ids}
          onChange={next => onChange({ ...choice, ids: next })}
        />
      )}
      <p className={classes.quiet} role="status">
        {choice.by === 'all' ? count(cases.length, 'case') : `${chosen} of ${count(cases.length, 'case')}`}
      </p>
    </Input.Wrapper>
  )
}

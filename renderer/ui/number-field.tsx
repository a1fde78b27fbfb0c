import { NumberInput, type NumberInputProps } from '@mantine/core'
import { shownLabel } from './shown-text.ts'

type Props = Omit<NumberInputProps, 'value' | 'onChange'> & {
  /** None: the field is empty. */
  value: number | null | undefined
  onChange: (value: number | null) => void
}

/** A number, or none where the field is empty; half-typed text is neither and changes nothing but the field. */
export function NumberField({ value, onChange, ...rest }: Props) {
  // Its field is made by a library that calls React itself.
  const label = rest['aria-label']
  return (
    <NumberInput
      {...rest}
      {...(label !== undefined && { 'aria-label': shownLabel(label) })}
      value={value ?? ''}
      onChange={next => onChange(typeof next === 'number' ? next : null)}
    />
  )
}

type Required = Omit<Props, 'value' | 'onChange'> & { value: number; onChange: (value: number) => void }

/** The same where there must be a number: emptied, the last one stays. */
export function RequiredNumberField({ value, onChange, ...rest }: Required) {
  return <NumberField {...rest} value={value} onChange={next => next !== null && onChange(next)} />
}

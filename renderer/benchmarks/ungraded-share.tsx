import { useState } from 'react'
import { NumberField } from '../ui/number-field.tsx'

type Props = { percent: number; onChange: (percent: number) => void }

/** How many cases a gate lets be without a grade; kept when the field is left, not while a number is half typed. */
export function UngradedShare({ percent, onChange }: Props) {
  const [typed, setTyped] = useState<number | null>()
  const keep = () => {
    if (typeof typed === 'number' && typed !== percent) onChange(typed)
    setTyped(undefined)
  }
  return (
    <NumberField
      label="Cases without a grade"
      description="At most this share passes."
      suffix="%"
      w={200}
      min={0}
      max={100}
      allowDecimal={false}
      value={typed === undefined ? percent : typed}
      onChange={setTyped}
      onBlur={keep}
      onKeyDown={event => event.key === 'Enter' && keep()}
    />
  )
}

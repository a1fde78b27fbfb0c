import { Button } from '@mantine/core'
import { IconFlask } from '@tabler/icons-react'
import type { Space } from '../../shared/contract/spaces.ts'
import { useThrowSampleAway } from './sample.tsx'
import classes from './spaces.module.css'

/** A thin line above the list of a sample: what it is, and how to be rid of it. */
export function SampleStrip({ space }: { space: Space }) {
  const throwAway = useThrowSampleAway()
  return (
    <div className={classes.strip}>
      <IconFlask size={16} stroke={1.5} aria-hidden />
      <span>{space.note ?? 'This is a sample: its figures are invented.'}</span>
      <Button variant="subtle" onClick={() => throwAway(space)}>
        Throw the sample away…
      </Button>
    </div>
  )
}

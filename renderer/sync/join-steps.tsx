import { Loader } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import classes from './sync.module.css'

const STEPS = [
  { key: 'keeping', words: 'Keep a password of your own on this computer' },
  { key: 'reaching', words: 'Reach the registry and use the invite' },
  { key: 'checking', words: 'Ask the registry whether it keeps its rules' },
  { key: 'counting', words: 'Count what will come' },
] as const
export type JoinStep = (typeof STEPS)[number]['key']

export function JoinSteps({ step }: { step: JoinStep }) {
  const at = STEPS.findIndex(each => each.key === step)
  return (
    <ol className={classes.steps} aria-label="Joining" aria-live="polite">
      {STEPS.map(({ key, words }, index) => (
        <li
          key={key}
          data-done={index < at || undefined}
          data-now={index === at || undefined}
          aria-current={index === at ? 'step' : undefined}
        >
          {index < at ? (
            <IconCheck size={16} aria-label="done" />
          ) : index === at ? (
            <Loader size={16} color="gray" />
          ) : (
            <span style={{ width: 16 }} />
          )}
          {words}
        </li>
      ))}
    </ol>
  )
}

import { Button, Group, Loader } from '@mantine/core'
import type { Moved } from './moving.ts'
import { sayMoved } from './words.ts'

type Props = { state: { moved: Moved | undefined; stopping: boolean }; stop: () => void }

export function MovingView({ state: { moved, stopping }, stop }: Props) {
  return (
    <Group gap="sm">
      <Loader size={14} color="gray" aria-hidden />
      <span role="status">{stopping ? 'Stopping…' : moved === undefined ? 'Beginning…' : sayMoved(moved)}</span>
      <Button variant="default" disabled={stopping} onClick={stop}>
        Cancel
      </Button>
    </Group>
  )
}

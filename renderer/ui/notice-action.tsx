import { Button, Group } from '@mantine/core'

/** The words of a notification beside the one thing to do about it. */
export function NoticeAction({ message, label, run }: { message: string; label: string; run: () => void }) {
  return (
    <Group justify="space-between" wrap="nowrap" gap="sm">
      <span>{message}</span>
      <Button variant="subtle" onClick={run} style={{ flexShrink: 0 }}>
        {label}
      </Button>
    </Group>
  )
}

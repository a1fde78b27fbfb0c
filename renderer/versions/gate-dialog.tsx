import { Button, Group, Modal, Textarea } from '@mantine/core'
import { useState } from 'react'
import { GateFindings } from '../ui/gate-report.tsx'
import { versionName } from '../ui/version-name.ts'
import { publish, type ShutGate, useShutGate } from './publish.ts'

/** Opens where a version did not come through its skill's gate: says why, and takes a reason to publish all the same. */
export function GateDialog() {
  const { shut } = useShutGate()
  return shut ? <Asking key={shut.version.id} shut={shut} /> : null
}

function Asking({ shut }: { shut: ShutGate }) {
  const [reason, setReason] = useState('')
  const close = () => useShutGate.setState({ shut: undefined })
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      title={`Publish ${versionName(shut.version)} all the same?`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <GateFindings report={shut.report} />
      <Textarea
        mt="md"
        label="Why it should be published"
        description="Kept with your name, for everybody who asks later."
        autosize
        minRows={2}
        value={reason}
        onChange={event => setReason(event.currentTarget.value)}
        data-autofocus
      />
      <Group justify="flex-end" gap="sm" mt="md">
        <Button variant="default" onClick={close}>
          Do not publish
        </Button>
        <Button
          color="red"
          disabled={reason.trim() === ''}
          onClick={() => void publish(shut.skill, shut.version, reason)}
        >
          Publish against the gate
        </Button>
      </Group>
    </Modal>
  )
}

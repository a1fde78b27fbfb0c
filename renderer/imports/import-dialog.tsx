import { Modal } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import type { ImportSource } from '../../shared/contract/imports.ts'
import { query, queryClient } from '../api.ts'
import { currentSpace, useEnteredSpace } from '../ui/current-space.ts'
import { useDialogs } from '../ui/dialogs.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { tell } from '../ui/tell.ts'
import { DropTarget } from './drop-target.tsx'
import { ImportForm } from './import-form.tsx'
import { useImportJob } from './import-job.ts'
import { ImportProgressView } from './import-progress.tsx'
import { ImportReportView } from './import-report.tsx'
import { sayReport } from './import-words.ts'

/** Everything about an import in one dialog: where from, how far, what came of it. Closed, it goes on in the status line. */
export function ImportDialog() {
  const { open, show, close } = useDialogs()
  const opened = open === 'import'
  const { job, cancel, dismiss } = useImportJob()
  const [refused, setRefused] = useState<string>()
  const startHere = useStartImport()
  useEndTold(opened)

  const leave = () => {
    close()
    setRefused(undefined)
    dismiss()
  }
  const begin = (source: ImportSource, what: string) => {
    setRefused(undefined)
    startHere(source, what)
  }
  const refuse = (sentence: string | undefined) => {
    setRefused(sentence)
    if (sentence !== undefined) show('import')
  }
  const body = () => {
    switch (job.state) {
      case 'idle':
        return <ImportForm path={job.path ?? ''} refused={refused} onRefuse={setRefused} onStart={begin} />
      case 'running':
        return <ImportProgressView job={job} onCancel={cancel} onSendAway={close} />
      case 'done':
        return <ImportReportView report={job.report} tenantId={job.tenantId} onClose={leave} onAnother={dismiss} />
      case 'failed':
        return <ErrorNotice {...job.failure} remedies={[{ label: 'Back', run: dismiss }]} />
      default:
        return job satisfies never
    }
  }
  return (
    <>
      <DropTarget onArchive={begin} onRefuse={refuse} busy={job.state === 'running'} />
      <Modal opened={opened} onClose={leave} title="Import" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
        {body()}
      </Modal>
    </>
  )
}

/** Imports into the space that is shown, with the dialog open on it. The sample is not ours to fill: then the personal one. */
export function useStartImport(): (source: ImportSource, what: string) => void {
  const start = useImportJob(state => state.start)
  const show = useDialogs(state => state.show)
  return useCallback(
    (source, what) => {
      show('import')
      void start(findTarget, source, what)
    },
    [start, show],
  )
}

async function findTarget(): Promise<string> {
  const spaces = await queryClient.ensureQueryData(query.spaces.list.queryOptions())
  const entered = currentSpace(spaces, useEnteredSpace.getState().tenantId)
  const target = entered?.kind === 'sample' ? spaces.find(space => space.kind === 'personal') : entered
  if (target === undefined) throw new Error('There is no library to import into.')
  return target.tenantId
}

/** An import that ended while its dialog was closed says so in the corner. */
function useEndTold(opened: boolean): void {
  const job = useImportJob(state => state.job)
  const show = useDialogs(state => state.show)
  useEffect(() => {
    if (opened || (job.state !== 'done' && job.state !== 'failed')) return
    tell({
      title: job.state === 'done' ? 'Import finished' : 'The import did not finish',
      message: job.state === 'done' ? sayReport(job.report) : job.failure.happened,
      action: { label: 'Show', run: () => show('import') },
    })
  }, [job, opened, show])
}

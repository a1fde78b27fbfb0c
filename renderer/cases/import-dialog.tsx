import { Button, FileButton, Group, Modal, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { type DragEvent, type FormEvent, useEffect, useRef, useState } from 'react'
import type { CaseImportReport, FileSource, Remark } from '../../shared/contract/cases.ts'
import type { ResultsReport } from '../../shared/contract/results.ts'
import { api, sayError } from '../api.ts'
import { CopyTextButton } from '../ui/copy-button.tsx'
import { count, formatNumber } from '../ui/format.ts'
import { tell } from '../ui/tell.ts'
import classes from './cases.module.css'
import { toSource } from './upload.ts'

type Kind = 'cases' | 'results'
type Found = { kind: 'cases'; report: CaseImportReport } | { kind: 'results'; report: ResultsReport }
type State =
  | { step: 'choose'; problem?: string }
  | { step: 'reading' }
  | { step: 'look'; source: FileSource; found: Found }
type Props = { skillId: string; dropped: File | undefined; onClose: () => void }

/** Cases or results from other tools' files: looked at first, with everything that was not understood, then kept. */
export function ImportDialog({ skillId, dropped, onClose }: Props) {
  const [kind, setKind] = useState<Kind>(dropped && looksLikeResults(dropped.name) ? 'results' : 'cases')
  const [state, setState] = useState<State>({ step: 'choose' })
  const under = useRef<AbortController>(undefined)
  const cancel = () => under.current?.abort()
  const begin = (): AbortSignal => {
    setState({ step: 'reading' })
    under.current = new AbortController()
    return under.current.signal
  }
  const read = async (source: FileSource, as: Kind) => {
    const signal = begin()
    try {
      setState({ step: 'look', source, found: await importAs(as, { skillId, source, look: true }, signal) })
    } catch (error) {
      setState({ step: 'choose', problem: sayError(error) })
    }
  }
  const take = async (file: File, as: Kind) => {
    const taken = await toSource(file)
    if ('refused' in taken) setState({ step: 'choose', problem: taken.refused })
    else await read(taken.source, as)
  }
  const taking = useRef(false)
  useEffect(() => {
    if (!dropped || taking.current) return
    taking.current = true
    void take(dropped, kind)
  })
  const keep = async (source: FileSource) => {
    const signal = begin()
    try {
      const found = await importAs(kind, { skillId, source, look: false }, signal)
      onClose()
      tell({ message: sayFound(found) })
    } catch (error) {
      setState({ step: 'choose', problem: sayError(error) })
    }
  }
  const leave = () => {
    cancel()
    onClose()
  }
  return (
    <Modal
      opened
      onClose={leave}
      title="Import cases or results"
      size="xl"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="md">
        {state.step !== 'look' && (
          <Choose
            kind={kind}
            onKind={setKind}
            problem={state.step === 'choose' ? state.problem : undefined}
            busy={state.step === 'reading'}
            onPath={path => void read({ kind: 'path', path }, kind)}
            onFile={file => void take(file, kind)}
            onCancel={cancel}
          />
        )}
        {state.step === 'look' && (
          <>
            <Look found={state.found} />
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setState({ step: 'choose' })}>
                Choose another
              </Button>
              <Button disabled={isNothing(state.found)} onClick={() => void keep(state.source)} data-autofocus>
                Import
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </Modal>
  )
}

const looksLikeResults = (name: string): boolean =>
  /benchmark|result|grading|iteration|output/i.test(name) || /\.(tgz|tar\.gz|zip)$/i.test(name)

type Asked = { skillId: string; source: FileSource; look: boolean }

async function importAs(kind: Kind, asked: Asked, signal: AbortSignal): Promise<Found> {
  return kind === 'cases'
    ? { kind, report: await api.cases.import(asked, { signal }) }
    : { kind, report: await api.results.import(asked, { signal }) }
}

type ChooseProps = {
  kind: Kind
  onKind: (kind: Kind) => void
  problem: string | undefined
  busy: boolean
  onPath: (path: string) => void
  onFile: (file: File) => void
  onCancel: () => void
}

const HINTS: Record<Kind, string> = {
  cases:
    'skill-creator’s evals.json, a promptfoo configuration (YAML or JSON), or a table (CSV) with a column called prompt.',
  results:
    'A folder or archive of skill-creator’s iterations, the JSON that promptfoo writes, or a table (CSV) with columns case and score.',
}

function Choose({ kind, onKind, problem, busy, onPath, onFile, onCancel }: ChooseProps) {
  const [path, setPath] = useState('')
  const [over, setOver] = useState(false)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (path.trim() !== '') onPath(path.trim())
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const [file] = event.dataTransfer.files
    if (file) onFile(file)
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <SegmentedControl
          aria-label="What to import"
          data={[
            { value: 'cases', label: 'Cases' },
            { value: 'results', label: 'Results of runs' },
          ]}
          value={kind}
          onChange={value => onKind(value === 'results' ? 'results' : 'cases')}
        />
        <p className={classes.hint}>{HINTS[kind]}</p>
        <TextInput
          label="File or folder on this computer"
          placeholder="~/skills/pdf-forms/evals/evals.json"
          value={path}
          error={problem}
          spellCheck={false}
          data-autofocus
          onChange={event => setPath(event.currentTarget.value)}
        />
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way more; the buttons below are the others */}
        <div
          className={classes.drop}
          data-over={over}
          onDragOver={event => {
            event.preventDefault()
            setOver(true)
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          Drop a file here, also packed (.zip, .tar.gz)
        </div>
        <Group>
          <Button type="submit" loading={busy} disabled={path.trim() === ''}>
            Look at it
          </Button>
          <FileButton
            accept=".json,.yaml,.yml,.csv,.tsv,.zip,.gz,.tgz,.tar"
            onChange={file => {
              if (file) onFile(file)
            }}
          >
            {props => (
              <Button variant="default" loading={busy} {...props}>
                Choose a file…
              </Button>
            )}
          </FileButton>
          {busy && (
            <>
              <Button variant="default" onClick={onCancel}>
                Cancel
              </Button>
              <span role="status">Reading…</span>
            </>
          )}
        </Group>
      </Stack>
    </form>
  )
}

function Look({ found }: { found: Found }) {
  return (
    <>
      <p className={classes.hint} role="status">
        {isNothing(found) ? 'Everything in it is here already.' : `${sayFound(found)} Nothing is kept yet.`}
      </p>
      {found.kind === 'cases' ? <Names report={found.report} /> : <Runs report={found.report} />}
      {found.report.remarks.length > 0 && <Remarks remarks={found.report.remarks} />}
    </>
  )
}

const isNothing = (found: Found): boolean =>
  found.kind === 'cases'
    ? found.report.added + found.report.updated === 0
    : found.report.runsAdded + found.report.casesAdded + found.report.casesUpdated === 0

function sayFound(found: Found): string {
  if (found.kind === 'cases') {
    const { added, updated, unchanged } = found.report
    return `${count(added, 'case')} added, ${formatNumber(updated)} updated, ${formatNumber(unchanged)} as they were.`
  }
  const { runsAdded, runsKnown, resultsAdded, casesAdded } = found.report
  return `${count(runsAdded, 'run')} added with ${count(resultsAdded, 'result')}, ${formatNumber(runsKnown)} here already; ${count(casesAdded, 'case')} added.`
}

function Names({ report }: { report: CaseImportReport }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by keys
    <section className={classes.scroll} aria-label="Cases in it" tabIndex={0}>
      <ul className={classes.plain}>
        {report.names.map(({ name, state }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two cases may have one name, and the list never changes
          <li key={at}>
            <span>{name}</span> <span className={classes.quiet}>{state}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Runs({ report }: { report: ResultsReport }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by keys
    <section className={classes.scroll} aria-label="Runs in it" tabIndex={0}>
      <table className={classes.runs}>
        <thead>
          <tr>
            <th>Run</th>
            <th>Configuration</th>
            <th>Version</th>
            <th data-figure>Results</th>
            <th data-figure>Passed</th>
          </tr>
        </thead>
        <tbody>
          {report.runs.map(run => (
            <tr key={run.id}>
              <td>{run.group}</td>
              <td>{run.configuration}</td>
              <td>
                {run.baseline ? 'no skill' : run.version ? `v${run.version.number ?? '?'} (by ${run.version.by})` : '–'}
              </td>
              <td data-figure>{formatNumber(run.results)}</td>
              <td data-figure>{run.passRate === null ? '–' : `${(run.passRate * 100).toFixed(1)}%`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Remarks({ remarks }: { remarks: readonly Remark[] }) {
  const text = remarks.map(({ path, message }) => `${path}\t${message}`).join('\n')
  return (
    <section aria-labelledby="not-understood">
      <Group justify="space-between">
        <h3 className={classes.part} id="not-understood">
          {count(remarks.length, 'place')} to look at
        </h3>
        <CopyTextButton text={text} label="Copy the list" />
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by keys */}
      <section className={classes.scroll} aria-label="To look at" tabIndex={0}>
        <ul className={classes.plain}>
          {remarks.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <div className={classes.path}>{path}</div>
              <div>{message}</div>
            </li>
          ))}
        </ul>
      </section>
    </section>
  )
}

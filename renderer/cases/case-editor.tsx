import { Button, FileButton, NumberInput, TagsInput, Textarea, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { Link } from 'wouter'
import type { CaseRow } from '../../shared/contract/cases.ts'
import type { CaseContent } from '../../shared/domain/benchmark/case-set.ts'
import { api, isExpected } from '../api.ts'
import { address } from '../routes.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { bytes, count } from '../ui/format.ts'
import { IconAction } from '../ui/icon-action.tsx'
import { onKeys, sayShortcut } from '../ui/shortcut.ts'
import { tell, tellError } from '../ui/tell.ts'
import classes from './cases.module.css'
import { DemandFields } from './demand-fields.tsx'
import { type Draft, draftOf, isNew, problemsOf, useDrafts } from './draft.ts'
import { CASE_FILE_BYTES, toBase64 } from './upload.ts'

type Props = {
  row: CaseRow
  onArchive: () => void
  /** A new case was saved and has a row of its own. */
  onAdded: (row: CaseRow) => void
  /** A new case is given up. */
  onCancel: () => void
}

/** One case to be written. What is written stays a draft until it is saved; saving can be undone. */
export function CaseEditor({ row, onArchive, onAdded, onCancel }: Props) {
  const draft = useDrafts(state => state.drafts[row.id])
  const { write, discard } = useDrafts()
  const [conflict, setConflict] = useState<CaseRow>()
  const [busy, setBusy] = useState(false)
  const { content, expected } = draft ?? draftOf(row)
  const problems = draft ? problemsOf(content) : []
  const said = (field: keyof CaseContent) => problems.find(one => one.field === field && one.at === undefined)?.message
  const change = (part: Partial<CaseContent>) => write(row.id, { content: { ...content, ...part }, expected })

  const save = async (of: Draft) => {
    if (problemsOf(of.content).length > 0) return
    setBusy(true)
    try {
      const saved = await keep(row, of)
      discard(row.id)
      setConflict(undefined)
      if (isNew(row)) onAdded(saved)
    } catch (error) {
      if (isExpected(error) && error.code === 'CASE_CHANGED') setConflict(currentOf(error.data))
      else tellError(error, 'The case was not saved. What you wrote is still here.')
    } finally {
      setBusy(false)
    }
  }
  const saveDraft = () => {
    if (draft && !busy) void save(draft)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut for the whole form; every field is reached by Tab
    <div className={classes.editor} onKeyDown={onKeys([['mod+Enter', saveDraft]])}>
      {conflict && (
        <ErrorNotice
          happened="This case was changed elsewhere meanwhile."
          kept="What you wrote is still here."
          remedies={[
            { label: 'Save mine over it', run: () => void save({ content, expected: conflict.updatedAt }) },
            {
              label: 'Take the other one',
              run: () => {
                discard(row.id)
                setConflict(undefined)
              },
            },
          ]}
        />
      )}
      <TextInput
        label="Name"
        value={content.name}
        error={said('name')}
        onChange={event => change({ name: event.currentTarget.value })}
      />
      <Textarea
        label="Prompt"
        description="What the model is asked, with the skill and without it"
        autosize
        minRows={3}
        maxRows={20}
        value={content.prompt}
        error={said('prompt')}
        onChange={event => change({ prompt: event.currentTarget.value })}
      />
      <Textarea
        label="Expected output"
        description="What a good answer says; a judge sees it beside the answer"
        autosize
        minRows={2}
        maxRows={16}
        value={content.expectedOutput ?? ''}
        error={said('expectedOutput')}
        onChange={event =>
          change({ expectedOutput: event.currentTarget.value === '' ? null : event.currentTarget.value })
        }
      />
      <Demands content={content} problems={problems} onChange={change} />
      <Files content={content} onChange={change} />
      <div className={classes.row}>
        <TagsInput
          className={classes.grow}
          label="Tags"
          value={content.tags}
          error={said('tags')}
          onChange={tags => change({ tags })}
        />
        <NumberInput
          label="Weight"
          description="1 is usual"
          min={0}
          max={1_000}
          w={110}
          value={content.weight}
          error={said('weight')}
          onChange={value => change({ weight: value === '' ? 1 : Number(value) })}
        />
      </div>
      <p className={classes.quiet}>
        {row.results === 0 ? 'No run has tried it yet.' : `${count(row.results, 'result')} of runs.`}
        {row.feedbackId !== null && (
          <>
            {' '}
            Made from <Link href={address.skill(row.skillId, 'ratings')}>feedback</Link>.
          </>
        )}
        {row.archived && ' Archived: it is in no run.'}
      </p>
      <div className={classes.actions}>
        <Button
          onClick={saveDraft}
          loading={busy}
          disabled={!draft || problems.length > 0}
          title={sayShortcut('mod+Enter')}
        >
          Save case
        </Button>
        <Button
          variant="default"
          disabled={!draft && !isNew(row)}
          onClick={() => {
            discardWithUndo(row, draft)
            onCancel()
          }}
        >
          Discard changes
        </Button>
        {!isNew(row) && (
          <Button variant="default" onClick={onArchive}>
            {row.archived ? 'Take back' : 'Archive'}
          </Button>
        )}
      </div>
    </div>
  )
}

/** Saves, and offers to go back to what was there. */
async function keep(row: CaseRow, draft: Draft): Promise<CaseRow> {
  const content = { ...draft.content, name: draft.content.name.trim() }
  if (isNew(row)) {
    const added = await api.cases.add({ skillId: row.skillId, content })
    const archive = () => void api.cases.archive({ ids: [added.id], archived: true }).catch(error => tellError(error))
    tell({ message: `“${added.content.name}” is added.`, action: { label: 'Undo', run: archive } })
    return added
  }
  const saved = await api.cases.update({ id: row.id, content, expected: draft.expected })
  const undo = () =>
    void api.cases
      .update({ id: row.id, content: row.content, expected: saved.updatedAt })
      .catch(error => tellError(error, 'It could not be undone.'))
  const canUndo = problemsOf(row.content).length === 0
  tell({ message: `“${saved.content.name}” is kept.`, ...(canUndo && { action: { label: 'Undo', run: undo } }) })
  return saved
}

function discardWithUndo(row: CaseRow, draft: Draft | undefined): void {
  const { write, discard } = useDrafts.getState()
  discard(row.id)
  if (draft) tell({ message: 'Changes discarded.', action: { label: 'Undo', run: () => write(row.id, draft) } })
}

const currentOf = (data: unknown): CaseRow | undefined =>
  typeof data === 'object' && data !== null && 'current' in data && isRow(data.current) ? data.current : undefined
const isRow = (value: unknown): value is CaseRow =>
  typeof value === 'object' && value !== null && 'updatedAt' in value && typeof value.updatedAt === 'number'

type PartProps = { content: CaseContent; onChange: (part: Partial<CaseContent>) => void }

function Demands({ content, problems, onChange }: PartProps & { problems: ReturnType<typeof problemsOf> }) {
  const { assertions } = content
  return (
    <Part title="Demands" hint="What an output must satisfy">
      <ol className={classes.demands}>
        {assertions.map((demand, at) => (
          <DemandFields
            // biome-ignore lint/suspicious/noArrayIndexKey: a demand is its place in the list; its kind makes other fields
            key={`${at} ${demand.type} ${assertions.length}`}
            demand={demand}
            number={at + 1}
            problem={problems.find(one => one.field === 'assertions' && one.at === at)?.message}
            onChange={next => onChange({ assertions: assertions.map((one, n) => (n === at ? next : one)) })}
            onRemove={() => onChange({ assertions: assertions.filter((_, n) => n !== at) })}
          />
        ))}
      </ol>
      <Button
        variant="default"
        onClick={() => onChange({ assertions: [...assertions, { type: 'rubric', value: '' }] })}
      >
        Add a demand
      </Button>
    </Part>
  )
}

function Files({ content, onChange }: PartProps) {
  const add = async (chosen: File[]) => {
    try {
      const added = await Promise.all(chosen.map(putFile))
      const names = new Set(added.map(file => file.path))
      onChange({ files: [...content.files.filter(file => !names.has(file.path)), ...added] })
    } catch (error) {
      tellError(error, 'The files were not added.')
    }
  }
  return (
    <Part title="Files" hint="Laid beside the skill for the model to read">
      <ul className={classes.files}>
        {content.files.map(file => (
          <li key={file.path}>
            <span className={classes.path}>{file.path}</span>
            <span className={classes.quiet}>{file.sha256 === null ? 'did not come along' : bytes(file.size)}</span>
            <IconAction
              name={`Remove ${file.path}`}
              onClick={() => onChange({ files: content.files.filter(other => other.path !== file.path) })}
            >
              <IconX size={18} stroke={1.5} />
            </IconAction>
          </li>
        ))}
      </ul>
      <FileButton multiple onChange={chosen => void add(chosen)}>
        {props => (
          <Button variant="default" {...props}>
            Add files…
          </Button>
        )}
      </FileButton>
    </Part>
  )
}

async function putFile(file: File) {
  if (file.size > CASE_FILE_BYTES)
    throw new Error(`“${file.name}” has ${bytes(file.size)}; a case’s file may have ${bytes(CASE_FILE_BYTES)}.`)
  return api.cases.putFile({ path: file.name, base64: await toBase64(file) })
}

function Part({ title, hint, children }: { title: string; hint: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className={classes.part}>
        {title} <span className={classes.quiet}>{hint}</span>
      </h3>
      {children}
    </section>
  )
}

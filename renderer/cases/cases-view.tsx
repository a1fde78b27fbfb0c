import { Button, Menu, Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type DragEvent, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import type { CaseForm, CaseRow } from '../../shared/contract/cases.ts'
import type { SkillDetail } from '../../shared/contract/skills.ts'
import { api, query, queryClient, sayError } from '../api.ts'
import { fromBase64, offer } from '../editor/file-card.tsx'
import { address } from '../routes.ts'
import { Empty } from '../ui/empty.tsx'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { count } from '../ui/format.ts'
import { tell, tellError } from '../ui/tell.ts'
import { CaseEditor } from './case-editor.tsx'
import { CaseList } from './case-list.tsx'
import classes from './cases.module.css'
import { isNew, newRow, useDrafts } from './draft.ts'
import { ImportDialog } from './import-dialog.tsx'

/** The cases of a skill: a list and an editor; import and export. `case` in the address names the one that is open. */
export function CasesView({ skill }: { skill: SkillDetail }) {
  const [, navigate] = useLocation()
  const asked = new URLSearchParams(useSearch()).get('case') ?? undefined
  const [archived, setArchived] = useState(false)
  const [adding, setAdding] = useState(false)
  const hasDraft = useDrafts(state => state.drafts[newRow(skill.id).id] !== undefined)
  const [importing, setImporting] = useState<{ file: File | undefined }>()
  const cases = useQuery(query.cases.list.queryOptions({ input: { skillId: skill.id, archived } }))
  if (cases.error) return <ErrorNotice happened={sayError(cases.error)} todo="Reload to try again." />
  if (!cases.data) return null
  const fresh = newRow(skill.id)
  const rows = adding || hasDraft ? [...cases.data.cases, fresh] : cases.data.cases
  const chosen = rows.find(row => row.id === asked) ?? rows[0]
  const choose = (id: string) =>
    navigate(address.skill(skill.id, 'benchmarks', { view: 'cases', case: id }), { replace: true })
  const add = () => {
    setAdding(true)
    choose(fresh.id)
  }
  const onAdded = async (row: CaseRow) => {
    // So that the new one is in the list when it is chosen.
    await queryClient.invalidateQueries({ queryKey: query.cases.key() })
    setAdding(false)
    choose(row.id)
  }
  const putAway = (row: CaseRow) => {
    if (!isNew(row)) void setAway(row, !row.archived)
  }
  const takeDrop = (event: DragEvent) => {
    const [file] = event.dataTransfer.files
    if (!file) return
    event.preventDefault()
    setImporting({ file })
  }
  const standing = cases.data.cases.filter(row => !row.archived).length
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way more; the button beside is the other
    <div
      className={classes.view}
      onDragOver={event => {
        if (event.dataTransfer.types.includes('Files')) event.preventDefault()
      }}
      onDrop={takeDrop}
    >
      <div className={classes.tools}>
        <Button onClick={() => add()}>Add a case</Button>
        <Button variant="default" onClick={() => setImporting({ file: undefined })}>
          Import…
        </Button>
        <ExportMenu skillId={skill.id} disabled={standing === 0} />
        <Switch
          size="xs"
          label="Show archived"
          checked={archived}
          onChange={event => setArchived(event.currentTarget.checked)}
        />
        <span className={classes.quiet} title={`The set’s hash: ${cases.data.setHash}`}>
          {count(standing, 'case')}
          {standing > 0 && ` · set ${cases.data.setHash.slice(0, 8)}`}
        </span>
      </div>
      {chosen ? (
        <div className={classes.panes}>
          <CaseList cases={rows} chosen={chosen.id} onChoose={choose} onArchive={putAway} />
          <CaseEditor
            key={chosen.id}
            row={chosen}
            onArchive={() => putAway(chosen)}
            onAdded={row => void onAdded(row)}
            onCancel={() => setAdding(false)}
          />
        </div>
      ) : (
        <Empty
          title="No cases yet"
          actions={
            <>
              <Button onClick={() => add()}>Add a case</Button>
              <Button variant="default" onClick={() => setImporting({ file: undefined })}>
                Import…
              </Button>
            </>
          }
        >
          A case is something to ask, and what the answer must satisfy: runs try it with each version, and without the
          skill. Write one, import evals.json, a promptfoo configuration or a table, or make one from a bug report in
          the inbox.
        </Empty>
      )}
      {importing && (
        <ImportDialog skillId={skill.id} dropped={importing.file} onClose={() => setImporting(undefined)} />
      )}
    </div>
  )
}

const FORMS: { form: CaseForm; label: string }[] = [
  { form: 'skill-creator', label: 'evals.json (skill-creator)' },
  { form: 'promptfoo', label: 'promptfoo configuration' },
  { form: 'csv', label: 'Table (CSV)' },
]

function ExportMenu({ skillId, disabled }: { skillId: string; disabled: boolean }) {
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" disabled={disabled}>
          Export…
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMS.map(({ form, label }) => (
          <Menu.Item key={form} onClick={() => void exportAs(skillId, form)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

async function exportAs(skillId: string, form: CaseForm): Promise<void> {
  try {
    const { name, base64, cases, remarks } = await api.cases.export({ skillId, form })
    offer(fromBase64(base64), name)
    const left = remarks.length === 0 ? '' : ` ${count(remarks.length, 'file')} left out: ${remarks[0]?.message}`
    tell({ message: `${count(cases, 'case')} exported as ${name}.${left}` })
  } catch (error) {
    tellError(error, 'The cases were not exported.')
  }
}

/** Puts a case away or takes it back, and offers the opposite. */
async function setAway(row: CaseRow, archived: boolean): Promise<void> {
  try {
    await api.cases.archive({ ids: [row.id], archived })
    tell({
      message: `“${row.content.name}” ${archived ? 'archived: it is in no run' : 'taken back'}.`,
      action: { label: 'Undo', run: () => void setAway(row, !archived) },
    })
  } catch (error) {
    tellError(error)
  }
}

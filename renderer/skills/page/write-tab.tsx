import { SegmentedControl } from '@mantine/core'
import { IconLayoutSidebar, IconLayoutSidebarRight } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import type { FileContent } from '../../../shared/contract/files.ts'
import type { SkillDetail } from '../../../shared/contract/skills.ts'
import type { WorkingCopy } from '../../../shared/contract/working-copies.ts'
import { findSkillMd, isSkillMd } from '../../../shared/domain/bundle.ts'
import { type Check, setField } from '../../../shared/domain/skill-md.ts'
import type { EditorHandle } from '../../editor/code-editor.tsx'
import { SkillPreview } from '../../editor/skill-preview.tsx'
import { address } from '../../routes.ts'
import { formatNumber } from '../../ui/format.ts'
import { IconAction } from '../../ui/icon-action.tsx'
import { countOf } from './checks.ts'
import { ChecksPanel } from './checks-panel.tsx'
import { fileActions } from './file-actions.ts'
import { FilePane } from './file-pane.tsx'
import { FileTree } from './file-tree.tsx'
import { type SidePanel, useLayout } from './layout-store.ts'
import { StatusLine } from './status-line.tsx'
import { BehindStrip, MissingStrip } from './strips.tsx'
import { TokensPanel } from './tokens-panel.tsx'
import { useChecks } from './use-checks.ts'
import type { Tokens } from './use-skill.ts'
import { useWorkingText } from './use-working-text.ts'
import classes from './write-tab.module.css'

type Props = {
  skill: SkillDetail
  working: WorkingCopy
  tokens: Tokens | undefined
  /** Shown to read; the page says why. */
  readOnly: boolean
}

/** Files, text, and what is to be said about it. */
export function WriteTab({ skill, working, tokens, readOnly }: Props) {
  const layout = useLayout()
  const [, navigate] = useLocation()
  const skillMd = findSkillMd(working.files)?.path
  const wanted = new URLSearchParams(useSearch()).get('file')
  const path = working.files.find(file => file.path === wanted)?.path ?? skillMd ?? working.files[0]?.path
  const open = (file?: string) =>
    navigate(address.skill(skill.id, 'write', file !== undefined && file !== skillMd ? { file } : {}))
  const actions = fileActions(working, skill.slug, open)

  const main = useWorkingText(skill.id, skillMd)
  const { checks, profile } = useChecks(main.text, skill, working)
  const editor = useRef<EditorHandle>(null)
  const [pending, setPending] = useState<Check>()
  const [line, setLine] = useState(1)
  const shown = useWorkingText(skill.id, path)

  const show = (check: Check) => {
    if (check.path === path) return editor.current?.show(check.from ?? 0, check.to ?? check.from ?? 0)
    if (!working.files.some(file => file.path === check.path)) return
    setPending(check)
    open(check.path)
  }
  const fix = ({ key, value }: NonNullable<Check['fix']>) => {
    if (main.text !== undefined) main.edit(setField(main.text, key, value))
    if (path !== skillMd) open(skillMd)
  }
  const markdown = path !== undefined && /\.(md|markdown)$/i.test(path)
  const preview = path !== undefined && markdown && shown.text !== undefined && (
    <SkillPreview
      of={{ kind: 'working', skillId: skill.id }}
      files={working.files}
      path={path}
      text={shown.text}
      line={line}
    />
  )
  const why = whyNoPreview(markdown, shown.file)

  return (
    <div className={classes.tab}>
      {working.behind && working.changed && <BehindStrip skill={skill} working={working} tokens={tokens} />}
      {skillMd === undefined && working.files.length > 0 && !readOnly && (
        <MissingStrip onMake={() => void actions.create('SKILL.md')} />
      )}
      <div className={classes.columns} data-files={layout.filesOpen} data-panel={layout.panelOpen && !layout.reading}>
        {layout.filesOpen && <FileTree {...{ working, actions, readOnly }} open={path} onOpen={open} />}
        <section className={classes.middle} aria-label={path ?? 'Text'}>
          <div className={classes.bar}>
            <IconAction
              name={layout.filesOpen ? 'Hide files' : 'Show files'}
              aria-pressed={layout.filesOpen}
              onClick={() => layout.set({ filesOpen: !layout.filesOpen })}
            >
              <IconLayoutSidebar size={16} stroke={1.5} />
            </IconAction>
            <span className={classes.path}>{path}</span>
            {markdown && (
              <SegmentedControl
                aria-label="Read or write"
                size="xs"
                data={[
                  { value: 'write', label: 'Write' },
                  { value: 'read', label: 'Read' },
                ]}
                value={layout.reading ? 'read' : 'write'}
                onChange={value => layout.set({ reading: value === 'read' })}
              />
            )}
            <IconAction
              name={layout.panelOpen ? 'Hide checks, preview and tokens' : 'Show checks, preview and tokens'}
              aria-pressed={layout.panelOpen}
              disabled={layout.reading}
              onClick={() => layout.set({ panelOpen: !layout.panelOpen })}
            >
              <IconLayoutSidebarRight size={16} stroke={1.5} />
            </IconAction>
          </div>
          <div className={classes.text}>
            {layout.reading && markdown ? (
              preview
            ) : (
              <FilePane
                skillId={skill.id}
                path={path}
                working={shown}
                checks={path !== undefined && isSkillMd(path) ? checks.named : NONE}
                pending={pending?.path === path ? pending : undefined}
                onShown={() => setPending(undefined)}
                onLine={setLine}
                readOnly={readOnly}
                actions={actions}
                editorRef={editor}
              />
            )}
          </div>
        </section>
        {layout.panelOpen && !layout.reading && (
          <aside className={classes.side} aria-label="Checks, preview and tokens">
            <SegmentedControl
              className={classes.switch}
              aria-label="Beside the text"
              fullWidth
              data={[
                { value: 'checks', label: `Checks${countOf(checks) > 0 ? ` ${formatNumber(countOf(checks))}` : ''}` },
                { value: 'preview', label: 'Preview' },
                { value: 'tokens', label: 'Tokens' },
              ]}
              value={layout.panel}
              onChange={value => layout.set({ panel: readPanel(value) })}
            />
            <div className={classes.sideBody}>
              {layout.panel === 'checks' && (
                <ChecksPanel checks={checks} profile={profile} onShow={show} onFix={readOnly ? undefined : fix} />
              )}
              {layout.panel === 'preview' &&
                (preview ||
                  (why !== undefined && (
                    <p className={classes.note} data-testid="no-preview">
                      {why}
                    </p>
                  )))}
              {layout.panel === 'tokens' && <TokensPanel working={working} tokens={tokens} />}
            </div>
          </aside>
        )}
      </div>
      <StatusLine skill={skill} working={working} tokens={tokens} path={path} />
    </div>
  )
}

/** Undefined while the file is being read. */
function whyNoPreview(markdown: boolean, file: FileContent | undefined): string | undefined {
  if (!markdown) return 'Only Markdown files have a preview.'
  return file && file.kind !== 'text' ? 'This file can’t be read as text, so it has no preview.' : undefined
}

const NONE: readonly Check[] = []
const readPanel = (value: string): SidePanel => (value === 'preview' || value === 'tokens' ? value : 'checks')

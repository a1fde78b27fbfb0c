import { Button, Tabs } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import type { SkillDetail } from '../../../shared/contract/skills.ts'
import type { WorkingCopy } from '../../../shared/contract/working-copies.ts'
import { isExpected, sayError } from '../../api.ts'
import { SkillCompare } from '../../compare/skill-compare.tsx'
import { RatingsTab } from '../../ratings/ratings-tab.tsx'
import { address, readSkillTab, type SkillTab } from '../../routes.ts'
import { SkillStrips } from '../../sync/skill-strips.tsx'
import { Empty } from '../../ui/empty.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { useMenuCommand } from '../../ui/menu-commands.ts'
import { Page } from '../../ui/page.tsx'
import { sayShortcut, useShortcut } from '../../ui/shortcut.ts'
import { mayPublish, useTeam, whyReadOnly } from '../../ui/team.ts'
import { versionName } from '../../ui/version-name.ts'
import { GateDialog } from '../../versions/gate-dialog.tsx'
import { HistoryTab } from '../../versions/history-tab.tsx'
import { publish } from '../../versions/publish.ts'
import { BenchmarksTab } from './benchmarks-tab.tsx'
import { drafts } from './drafts.ts'
import { SaveVersionDialog, tokenChange } from './save-version.tsx'
import { SkillMenu } from './skill-menu.tsx'
import classes from './skill-page.module.css'
import { ArchivedStrip } from './strips.tsx'
import { type Tokens, useSkill, useTokens } from './use-skill.ts'
import { WriteTab } from './write-tab.tsx'

type Props = { skillId: string; tab: SkillTab }

/** One skill: its text, history, comparisons, measurements and what people say of it. */
export function SkillPage({ skillId, tab }: Props) {
  const { skill, working, error } = useSkill(skillId)
  // What was typed is the page's, whatever tab is shown: leaving the skill writes it down.
  useEffect(() => () => void drafts().flush(skillId), [skillId])
  if (!skill && error)
    return (
      <Page title="Skill">
        {isExpected(error) && error.code === 'NOT_FOUND' ? (
          <Empty title="This skill is no longer here">It may have been in a sample library that was thrown away.</Empty>
        ) : (
          <ErrorNotice happened={sayError(error)} todo="Reload to try again." />
        )}
      </Page>
    )
  if (!skill || !working) return <Page title="">{null}</Page>
  return <Loaded key={skillId} skill={skill} working={working} tab={tab} />
}

const TABS: { value: SkillTab; label: string }[] = [
  { value: 'write', label: 'Write' },
  { value: 'history', label: 'History' },
  { value: 'compare', label: 'Compare' },
  { value: 'benchmarks', label: 'Benchmarks' },
  { value: 'ratings', label: 'Ratings and feedback' },
]

function Loaded({ skill, working, tab }: { skill: SkillDetail; working: WorkingCopy; tab: SkillTab }) {
  const [, navigate] = useLocation()
  const tokens = useTokens(skill)
  const [saving, setSaving] = useState(false)
  const readOnly = whyReadOnly(useTeam(skill.tenantId))
  const save = () => setSaving(readOnly === undefined)
  useShortcut('mod+S', save, { inText: true })
  useMenuCommand('save-version', save)
  return (
    <Page
      title={skill.name}
      name={skill.name}
      detail={<State skill={skill} working={working} tokens={tokens} />}
      actions={<Actions skill={skill} working={working} readOnly={readOnly} onSave={() => setSaving(true)} />}
    >
      <div className={classes.page}>
        <Tabs
          value={tab}
          onChange={value => navigate(address.skill(skill.id, readSkillTab(value ?? undefined)))}
          className={classes.tabs}
        >
          <Tabs.List>
            {TABS.map(({ value, label }) => (
              <Tabs.Tab key={value} value={value}>
                {label}
                {value === 'history' && skill.versions > 0 && <span className={classes.count}>{skill.versions}</span>}
                {value === 'ratings' && skill.totalRatings + skill.totalFeedback > 0 && (
                  <span className={classes.count}>{skill.totalRatings + skill.totalFeedback}</span>
                )}
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs>
        {skill.status === 'archived' && <ArchivedStrip skill={skill} readOnly={readOnly !== undefined} />}
        <SkillStrips skill={skill} except={tab === 'history' ? ['diverged', 'overtaken'] : ['overtaken']} />
        <div className={classes.body} role="tabpanel" aria-label={TABS.find(each => each.value === tab)?.label}>
          {tab === 'write' && (
            <WriteTab skill={skill} working={working} tokens={tokens} readOnly={readOnly !== undefined} />
          )}
          {tab === 'history' && <HistoryTab skill={skill} working={working} />}
          {tab === 'compare' && <SkillCompare skill={skill} working={working} />}
          {tab === 'benchmarks' && <BenchmarksTab skill={skill} working={working} />}
          {tab === 'ratings' && <RatingsTab skill={skill} />}
        </div>
      </div>
      <GateDialog />
      {saving && <SaveVersionDialog skill={skill} working={working} tokens={tokens} onClose={() => setSaving(false)} />}
    </Page>
  )
}

/** 'v14 · published v13 · working copy changed: +212 tokens on trigger' */
function State({ skill, working, tokens }: { skill: SkillDetail; working: WorkingCopy; tokens: Tokens | undefined }) {
  const { newest, published } = skill
  const change = tokenChange(tokens)
  const parts = [
    newest ? versionName(newest) : 'no version yet',
    newest?.number === null && 'waiting for its number',
    published && published.id === newest?.id ? 'published' : published && `published ${versionName(published)}`,
    newest && !published && 'not published',
    newest && working.changed && `working copy changed${change === '' ? '' : `: ${change}`}`,
  ]
  return <span className={classes.state}>{parts.filter(part => part).join(' · ')}</span>
}

type ActionProps = {
  skill: SkillDetail
  working: WorkingCopy
  /** Why nothing can be saved here. */
  readOnly: string | undefined
  onSave: () => void
}

function Actions({ skill, working, readOnly, onSave }: ActionProps) {
  const { newest } = skill
  const team = useTeam(skill.tenantId)
  const notPublished =
    readOnly ??
    (mayPublish(team, skill) ? undefined : `Only ${skill.authorName}, who made it, or an admin may publish it.`)
  const publishable = newest && newest.id !== skill.published?.id
  return (
    <>
      <Button
        variant={working.changed || !newest ? 'filled' : 'default'}
        onClick={onSave}
        disabled={readOnly !== undefined}
        title={readOnly ?? sayShortcut('mod+S')}
        aria-keyshortcuts="Control+S Meta+S"
      >
        Save version…
      </Button>
      {publishable && (
        <Button
          variant="default"
          disabled={notPublished !== undefined}
          title={notPublished}
          onClick={() => void publish(skill, newest)}
        >
          Publish {versionName(newest)}
        </Button>
      )}
      <SkillMenu skill={skill} working={working} />
    </>
  )
}

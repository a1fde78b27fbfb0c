import { Anchor, Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { SkillDetail } from '../../../shared/contract/skills.ts'
import type { WorkingCopy } from '../../../shared/contract/working-copies.ts'
import { api, query } from '../../api.ts'
import { address } from '../../routes.ts'
import { useSkillConflicts } from '../../sync/skill-strips.tsx'
import { useTeam } from '../../ui/team.ts'
import { tell, tellError } from '../../ui/tell.ts'
import { versionName } from '../../ui/version-name.ts'
import { drafts } from './drafts.ts'
import { SaveVersionDialog } from './save-version.tsx'
import type { Tokens } from './use-skill.ts'
import classes from './write-tab.module.css'

type BehindProps = { skill: SkillDetail; working: WorkingCopy; tokens: Tokens | undefined }

/** Somebody saved a version after the one this working copy started from. */
export function BehindStrip({ skill, working, tokens }: BehindProps) {
  const { newest } = skill
  const [, navigate] = useLocation()
  const [merging, setMerging] = useState(false)
  const overtaken = useSkillConflicts(skill).find(conflict => conflict.kind === 'overtaken')
  const by = useQuery(query.versions.list.queryOptions({ input: { skillId: skill.id } })).data?.find(
    version => version.id === newest?.id,
  )
  const theirs = useTeam(skill.tenantId) !== undefined && by !== undefined && !by.mine
  // 'Go on' was said already.
  if (!newest || (theirs && overtaken === undefined)) return null
  const right = { kind: 'working' as const, skillId: skill.id }
  const left = { kind: 'version' as const, id: newest.id }
  return (
    <div className={classes.strip} role="status">
      <span>
        {theirs
          ? `${by.author.name} saved ${versionName(newest)} after you began from ${working.base ? versionName(working.base) : 'nothing'}.`
          : `${versionName(newest)} is newer than what you are editing${working.base ? `, which started from ${versionName(working.base)}` : ''}.`}
      </span>
      <Anchor component={Link} href={address.skill(skill.id, 'compare', compareParams(left, right))}>
        Compare
      </Anchor>
      <Button variant="default" onClick={() => setMerging(true)}>
        Merge into mine…
      </Button>
      <Button variant="default" onClick={() => void take(skill.id, newest)}>
        Take {versionName(newest)}
      </Button>
      {overtaken && (
        <Button variant="subtle" onClick={() => void goOn(overtaken.id)}>
          Go on
        </Button>
      )}
      {merging && (
        <SaveVersionDialog
          {...{ skill, working, tokens }}
          title={`Save yours, then merge it with ${versionName(newest)}`}
          onClose={() => setMerging(false)}
          onSaved={made => navigate(address.merge({ left: newest.id, right: made.id }))}
        />
      )}
    </div>
  )
}

/** Says nothing more of it until somebody saves again. */
const goOn = (id: string) =>
  api.sync.decideConflict({ id, choice: 'goOn' }).catch(error => tellError(error, 'That was not noted.'))

const compareParams = (left: { id: string }, right: { skillId: string }) => ({
  left: `version:${left.id}`,
  right: `working:${right.skillId}`,
})

/** The working copy starts over from a version; what it held can be brought back. */
async function take(skillId: string, newest: { id: string; number: number | null }): Promise<void> {
  try {
    await drafts().flush(skillId)
    const before = await api.workingCopies.get({ skillId })
    const { files } = await api.versions.get({ id: newest.id })
    await api.workingCopies.put({ skillId, baseId: newest.id, files })
    drafts().forget(skillId)
    const undo = async () => {
      const was = before.files.map(({ path, sha256, size, executable }) => ({ path, sha256, size, executable }))
      await api.workingCopies.put({ skillId, baseId: before.base?.id ?? null, files: was })
      drafts().forget(skillId)
    }
    tell({
      message: `You are editing ${versionName(newest)} now.`,
      action: { label: 'Undo', run: () => void undo().catch(error => tellError(error)) },
    })
  } catch (error) {
    tellError(error, 'Your working copy was kept as it was.')
  }
}

/** Without a SKILL.md the folder is no skill. */
export function MissingStrip({ onMake }: { onMake: () => void }) {
  return (
    <div className={classes.strip} role="status">
      <span>
        There is no SKILL.md: an agent does not see this folder as a skill, and it cannot be saved as a version.
      </span>
      <Button variant="default" onClick={onMake}>
        Make one
      </Button>
    </div>
  )
}

/** An archived skill is kept whole and shown; it is out of the library until it is brought back. */
export function ArchivedStrip({ skill, readOnly }: { skill: SkillDetail; readOnly: boolean }) {
  // Asked about already, with the same way back.
  const asked = useSkillConflicts(skill).some(conflict => conflict.kind === 'archived')
  if (asked) return null
  const bringBack = () =>
    api.skills.archive({ id: skill.id, archived: false }).catch(error => tellError(error, 'It is still archived.'))
  return (
    <div className={classes.strip} role="status">
      <span>This skill is archived: it is kept with all its versions and does not show in the library.</span>
      {!readOnly && (
        <Button variant="default" onClick={() => void bringBack()}>
          Bring it back
        </Button>
      )}
    </div>
  )
}

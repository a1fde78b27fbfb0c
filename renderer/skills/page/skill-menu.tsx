import { Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useState } from 'react'
import type { ContentRef } from '../../../shared/contract/base.ts'
import type { SkillDetail } from '../../../shared/contract/skills.ts'
import type { WorkingCopy } from '../../../shared/contract/working-copies.ts'
import { api, desktop } from '../../api.ts'
import { useSpaces } from '../../ui/current-space.ts'
import { useDesktopAbout } from '../../ui/desktop-about.ts'
import { IconAction } from '../../ui/icon-action.tsx'
import { askToShare } from '../../ui/share-store.ts'
import { mayPublish, useTeam, whyReadOnly } from '../../ui/team.ts'
import { tell, tellError } from '../../ui/tell.ts'
import { versionName } from '../../ui/version-name.ts'
import { ExportToFolder, exportArchive } from '../../versions/exporting.tsx'
import { drafts } from './drafts.ts'
import { discardChanges } from './file-actions.ts'
import { folderOf } from './origin.ts'

/** What is done to a skill now and then. */
export function SkillMenu({ skill, working }: { skill: SkillDetail; working: WorkingCopy | undefined }) {
  const about = useDesktopAbout()
  const space = useSpaces().spaces.find(each => each.tenantId === skill.tenantId)
  const [exported, setExported] = useState<ContentRef>()
  const editing: ContentRef = { kind: 'working', skillId: skill.id }
  const sources = [
    ...(skill.newest
      ? [{ of: { kind: 'version', id: skill.newest.id } as const, name: versionName(skill.newest) }]
      : []),
    ...(working?.changed || !skill.newest ? [{ of: editing, name: 'the working copy' }] : []),
  ]
  const origin = skill.origin === null ? undefined : folderOf(skill.origin)
  const archived = skill.status === 'archived'
  const team = useTeam(skill.tenantId)
  const readOnly = whyReadOnly(team) !== undefined || !mayPublish(team, skill)
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <IconAction name="More">
            <IconDots size={18} stroke={1.5} />
          </IconAction>
        </Menu.Target>
        <Menu.Dropdown>
          {sources.map(source => (
            <Menu.Item
              key={`archive ${source.name}`}
              onClick={() =>
                void drafts()
                  .flush(skill.id)
                  .then(() => exportArchive(source.of))
              }
            >
              Export {source.name} as .skill
            </Menu.Item>
          ))}
          {sources.map(source => (
            <Menu.Item key={`folder ${source.name}`} onClick={() => setExported(source.of)}>
              Export {source.name} to a folder…
            </Menu.Item>
          ))}
          {origin !== undefined && about?.reveal && (
            <Menu.Item onClick={() => void reveal(origin)}>Show where it came from</Menu.Item>
          )}
          <Menu.Divider />
          {skill.versions > 0 && (
            <Menu.Item onClick={() => askToShare([skill])}>
              {space?.kind === 'team' ? 'Copy to another library…' : 'Share to team…'}
            </Menu.Item>
          )}
          {working?.changed && working.base && (
            <Menu.Item onClick={() => void discardChanges(skill.id)}>Discard changes</Menu.Item>
          )}
          {!readOnly && (
            <Menu.Item onClick={() => void archive(skill, !archived)}>{archived ? 'Bring back' : 'Archive'}</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {exported && <ExportToFolder of={exported} name={skill.slug} onClose={() => setExported(undefined)} />}
    </>
  )
}

async function reveal(path: string): Promise<void> {
  try {
    const { shown } = await desktop.reveal({ path })
    if (!shown) tell({ message: `${path} is no longer there.` })
  } catch (error) {
    tellError(error)
  }
}

async function archive(skill: SkillDetail, archived: boolean): Promise<void> {
  const back = () =>
    api.skills.archive({ id: skill.id, archived: !archived }).catch(error => tellError(error, 'That was not undone.'))
  try {
    await api.skills.archive({ id: skill.id, archived })
    tell({
      message: archived ? `${skill.name} is archived.` : `${skill.name} is back in the library.`,
      action: { label: 'Undo', run: () => void back() },
    })
  } catch (error) {
    tellError(error, 'Nothing changed.')
  }
}

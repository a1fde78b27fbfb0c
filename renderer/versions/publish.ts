import { create } from 'zustand'
import { type GateReport, gateReport } from '../../shared/contract/gates.ts'
import type { SkillDetail } from '../../shared/contract/skills.ts'
import { api, isExpected } from '../api.ts'
import { tell, tellError } from '../ui/tell.ts'
import { versionName } from '../ui/version-name.ts'

type Version = { id: string; number: number | null }

/** A version that its skill's gate does not let through, until the reader gives a reason or lets it be. */
export type ShutGate = { skill: SkillDetail; version: Version; report: GateReport }
export const useShutGate = create<{ shut: ShutGate | undefined }>(() => ({ shut: undefined }))

/** Moves the published pointer; the notification moves it back. Where the gate is shut, its dialog asks. */
export async function publish(skill: SkillDetail, version: Version, reason?: string): Promise<void> {
  const expected = skill.published?.id ?? null
  try {
    const override = reason === undefined ? {} : { override: { reason } }
    await api.versions.publish({ skillId: skill.id, versionId: version.id, expected, ...override })
    useShutGate.setState({ shut: undefined })
    const undo = () =>
      api.versions
        .publish({ skillId: skill.id, versionId: expected, expected: version.id })
        .catch(error => tellError(error, 'It is still published.'))
    tell({ message: `${versionName(version)} is published.`, action: { label: 'Undo', run: () => void undo() } })
  } catch (error) {
    const report = isExpected(error) && error.code === 'GATE_FAILED' ? gateReport.safeParse(error.data).data : undefined
    if (report) useShutGate.setState({ shut: { skill, version, report } })
    else tellError(error, 'Nothing was published.')
  }
}

import { z } from 'zod'
import { configures } from '../agent-files.ts'
import { checkPath } from '../bundle.ts'
import type { CaseFile } from './case-set.ts'

/**
 * Which files of a case an agent's command finds where it starts. A case may be a colleague's, so what would configure the
 * agent, or a program it runs, is left out unless the person who starts the run gave exactly that file to it.
 */

/**
 * A file that a person gave to the agent although it configures something: exactly this content at this path. `of` is the
 * case's id; for a skill's SKILL.md that declares hooks the hash of the bundle.
 */
export const givenFile = z.object({
  of: z.string().min(1).max(64),
  path: z.string().min(1).max(1_024),
  sha256: z.string(),
})
export type GivenFile = z.infer<typeof givenFile>
export type CaseWithFiles = { id: string; name: string; files: readonly CaseFile[] }

/** Files whose path may be used at all: a registry's row may hold anything. */
export const soundFiles = (files: readonly CaseFile[]): CaseFile[] =>
  files.filter(file => checkPath(file.path) === undefined)

export const isGiven = (of: string, file: Pick<CaseFile, 'path' | 'sha256'>, given: readonly GivenFile[]): boolean =>
  given.some(one => one.of === of && one.path === file.path && one.sha256 === file.sha256)

export const laidFiles = ({ id, files }: Omit<CaseWithFiles, 'name'>, given: readonly GivenFile[]): CaseFile[] =>
  soundFiles(files).filter(file => configures(file.path) === undefined || isGiven(id, file, given))

/** Each file that would configure something, whose that is, and whether it was given all the same. */
export const configuringFiles = (cases: readonly CaseWithFiles[], given: readonly GivenFile[]) =>
  cases.flatMap(one =>
    soundFiles(one.files).flatMap(file => {
      const whose = configures(file.path)
      if (whose === undefined || file.sha256 === null) return []
      const { path, sha256 } = file
      return [{ of: one.id, ofName: one.name, path, sha256, whose, given: isGiven(one.id, file, given) }]
    }),
  )

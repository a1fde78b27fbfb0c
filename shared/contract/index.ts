import { agentCommands } from './agent-commands.ts'
import { benchmarks } from './benchmarks.ts'
import { cases } from './cases.ts'
import { compare } from './compare.ts'
import { exports_ } from './exports.ts'
import { feedback } from './feedback.ts'
import { files } from './files.ts'
import { gates } from './gates.ts'
import { imports } from './imports.ts'
import { measurements } from './measurements.ts'
import { merges } from './merges.ts'
import { providers } from './providers.ts'
import { ratings } from './ratings.ts'
import { registries } from './registries.ts'
import { results } from './results.ts'
import { settings } from './settings.ts'
import { skills } from './skills.ts'
import { spaces } from './spaces.ts'
import { sync } from './sync.ts'
import { system } from './system.ts'
import { triggerTests } from './trigger-tests.ts'
import { versions } from './versions.ts'
import { workingCopies } from './working-copies.ts'

/** The whole of what crosses the port to the backend. */
export const appContract = {
  system,
  spaces,
  skills,
  versions,
  workingCopies,
  files,
  compare,
  imports,
  measurements,
  merges,
  exports: exports_,
  ratings,
  registries,
  feedback,
  cases,
  results,
  settings,
  sync,
  providers,
  agentCommands,
  benchmarks,
  triggerTests,
  gates,
}
export type AppContract = typeof appContract

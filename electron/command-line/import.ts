import type { ImportReport } from '../../shared/contract/imports.ts'
import { oneLine } from '../../shared/domain/visible.ts'
import { type CommandLine, EXIT, type Exit } from './shared.ts'

/** Exit 1 where something was skipped: a script can tell a clean import from one to look at. */
export async function importPath(line: CommandLine, path: string, as: 'path' | 'folder' | 'git'): Promise<Exit> {
  const ticket = 'command-line'
  const stop = () => void line.api.imports.stop({ ticket })
  line.signal.addEventListener('abort', stop, { once: true })
  const progress = await line.api.imports.run({ tenantId: line.tenantId, source: { kind: as, path }, ticket })
  let said = ''
  for (;;) {
    const step = await progress.next()
    if (step.done) return report(line, step.value)
    const { phase, done, total } = step.value
    const words = `${PHASES[phase]}${total === null ? '' : ` ${Math.floor((100 * done) / Math.max(1, total))}%`}`
    if (words !== said) line.remark(words)
    said = words
  }
}

const PHASES = { looking: 'Looking for skills…', reading: 'Reading…', saving: 'Saving…' }

function report(line: CommandLine, result: ImportReport): Exit {
  if (line.json) line.print(JSON.stringify(result, null, 2))
  else {
    line.print(
      `${result.skillsAdded} added, ${result.skillsUpdated} updated, ${result.skillsUnchanged} as they were; ${result.versionsAdded} versions.`,
    )
    for (const skip of result.skipped) line.print(`  ${oneLine(skip.path)}: ${oneLine(skip.message)}`)
    if (result.cancelled) line.print('Stopped. The skills counted above were kept, each whole.')
  }
  if (result.cancelled) return EXIT.stopped
  return result.skipped.length > 0 ? EXIT.found : EXIT.done
}

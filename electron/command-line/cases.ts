import path from 'node:path'
import type { CaseForm, Remark } from '../../shared/contract/cases.ts'
import { sayAssertion } from '../../shared/domain/benchmark/assertion.ts'
import { oneLine } from '../../shared/domain/visible.ts'
import { type CommandLine, EXIT, type Exit, Refused, resolveSkill, table } from './shared.ts'
import { writeBelow } from './write-below.ts'

/** The benchmark cases of a skill, in the order they were made. */
export async function listCases(line: CommandLine, name: string, archived: boolean): Promise<Exit> {
  const { skillId } = await resolveSkill(line, name)
  const { cases, setHash } = await line.api.cases.list({ skillId, archived })
  if (line.json) line.print(JSON.stringify({ setHash, cases }, null, 2))
  else if (cases.length > 0)
    line.print(
      table([
        ['CASE', 'WEIGHT', 'DEMANDS', 'RESULTS', 'STATE', 'PROMPT'],
        ...cases.map(({ content, results, archived: away }) => [
          content.name,
          String(content.weight),
          String(content.assertions.length),
          String(results),
          away ? 'archived' : '',
          short(content.prompt || content.assertions.map(sayAssertion).join('; ')),
        ]),
      ]),
    )
  line.remark(`${cases.length === 1 ? '1 case' : `${cases.length} cases`}, set ${setHash.slice(0, 12)}`)
  return EXIT.done
}

const short = (text: string): string => [...text.replace(/\s+/g, ' ')].slice(0, 80).join('')

/** Exit 1 where something of the file was not understood: a script can tell a clean import from one to look at. */
export async function importCases(
  line: CommandLine,
  name: string,
  file: string,
  options: { form: CaseForm | undefined; look: boolean },
): Promise<Exit> {
  const { skillId } = await resolveSkill(line, name)
  const source = { kind: 'path' as const, path: path.resolve(line.cwd, file) }
  const { form, look } = options
  const report = await line.api.cases.import({ skillId, source, look, ...(form !== undefined && { form }) })
  if (line.json) line.print(JSON.stringify(report, null, 2))
  else {
    const { added, updated, unchanged } = report
    line.print(
      `${look ? 'Would be: ' : ''}${added} added, ${updated} updated, ${unchanged} as they were (${report.form}).`,
    )
    printRemarks(line, report.remarks)
  }
  return report.remarks.length > 0 ? EXIT.found : EXIT.done
}

/** What was not understood, a line each. */
export function printRemarks(line: CommandLine, remarks: readonly Remark[]): void {
  for (const remark of remarks) line.print(`  ${oneLine(remark.path)}: ${oneLine(remark.message)}`)
}

/** Writes the file below `target`, or to standard output where that is '-'. A file that is there is only replaced with `force`. */
export async function exportCases(
  line: CommandLine,
  name: string,
  target: string,
  options: { form: CaseForm; force: boolean },
): Promise<Exit> {
  const { skillId } = await resolveSkill(line, name)
  const { name: fileName, base64, cases, remarks } = await line.api.cases.export({ skillId, form: options.form })
  const bytes = Buffer.from(base64, 'base64')
  for (const remark of remarks) line.remark(`! ${remark.path}: ${remark.message}`)
  if (target === '-') {
    if (fileName.endsWith('.zip'))
      throw new Refused('These cases have files, so they are an archive: name a folder for it.')
    line.content(bytes.toString('utf8').trimEnd())
    return EXIT.done
  }
  const folder = path.resolve(line.cwd, target)
  const file = await writeBelow(folder, fileName, bytes, options.force)
  if (line.json) line.print(JSON.stringify({ path: file, cases }, null, 2))
  else line.print(file)
  return EXIT.done
}

import path from 'node:path'
import { oneLine } from '../../shared/domain/visible.ts'
import { type CommandLine, EXIT, type Exit, resolveSkill } from './shared.ts'
import { writeBelow } from './write-below.ts'

/** Writes the skill's folder below `target`, or one `.skill` archive. */
export async function exportSkill(
  line: CommandLine,
  name: string,
  target: string,
  options: { zip: boolean; force: boolean },
): Promise<Exit> {
  const { of } = await resolveSkill(line, name)
  const parent = path.resolve(line.cwd, target)
  const written = options.zip
    ? await archive(line, of, parent)
    : await line.api.exports.toFolder({ of, parent, overwrite: options.force })
  if (line.json) line.print(JSON.stringify(written, null, 2))
  else line.print(oneLine(written.path))
  return EXIT.done
}

async function archive(
  line: CommandLine,
  of: Parameters<CommandLine['api']['exports']['toArchive']>[0]['of'],
  parent: string,
) {
  const { name, base64 } = await line.api.exports.toArchive({ of })
  // As before it replaces an archive of that name: it holds nothing but an export.
  return { path: await writeBelow(parent, name, Buffer.from(base64, 'base64'), true) }
}

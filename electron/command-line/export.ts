import fs from 'node:fs'
import path from 'node:path'
import { oneLine } from '../../shared/domain/visible.ts'
import { type CommandLine, EXIT, type Exit, resolveSkill } from './shared.ts'

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
  fs.mkdirSync(parent, { recursive: true })
  const file = path.join(parent, name)
  const partial = `${file}.partial`
  fs.writeFileSync(partial, Buffer.from(base64, 'base64'))
  fs.renameSync(partial, file)
  return { path: file }
}

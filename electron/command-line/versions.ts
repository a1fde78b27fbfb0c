import { type CommandLine, EXIT, type Exit, resolveSkill, table } from './shared.ts'

/** A skill's history, newest first. */
export async function versions(line: CommandLine, name: string): Promise<Exit> {
  const { skillId } = await resolveSkill(line, name)
  const rows = await line.api.versions.list({ skillId })
  if (line.json) {
    line.print(JSON.stringify(rows, null, 2))
    return EXIT.done
  }
  const cells = rows.map(row => [
    `v${row.number ?? '?'}${row.published ? ' *' : ''}`,
    new Date(row.createdAt).toISOString().slice(0, 16).replace('T', ' '),
    row.author.name,
    row.contentHash.slice(0, 12),
    row.message.split('\n')[0] ?? '',
  ])
  line.print(table([['VERSION', 'SAVED (UTC)', 'BY', 'CONTENT', 'MESSAGE'], ...cells]))
  if (rows.some(row => row.published)) line.remark('* is published')
  return EXIT.done
}

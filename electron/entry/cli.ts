import { homedir } from 'node:os'
import { createRouterClient } from '@orpc/server'
import { Command, CommanderError, Option } from 'commander'
import { visible } from '../../shared/domain/visible.ts'
import { startBackend } from '../backend.ts'
import { addBenchmark } from '../command-line/benchmark-verbs.ts'
import { exportCases, importCases, listCases } from '../command-line/cases.ts'
import { diff } from '../command-line/diff.ts'
import { exportSkill } from '../command-line/export.ts'
import { importPath } from '../command-line/import.ts'
import { list } from '../command-line/list.ts'
import { importResults } from '../command-line/results.ts'
import { type CommandLine, EXIT, type Exit, Refused, sentenceOf } from '../command-line/shared.ts'
import { validate } from '../command-line/validate.ts'
import { versions } from '../command-line/versions.ts'
import { defaultDataDir, projectRoot } from '../project.ts'
import { appVersion, backendOptions } from './options.ts'

/**
 * `whetstone VERB …`: thin calls of the services that the window uses, on the same library, which may be open in the app
 * at the same time. Exit codes: see EXIT.
 */
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
// A reader that closes the pipe early (head) is no error.
process.stdout.on('error', error => process.exit('code' in error && error.code === 'EPIPE' ? EXIT.done : EXIT.failed))

let exit: Exit = EXIT.done
const program = new Command('whetstone')
  .description('Agent skills from the command line: import, check, compare and export what is in the library.')
  .version(appVersion(projectRoot(import.meta.url)))
  .option('--data <folder>', 'the library’s folder (default: the app’s own)')
  .option('--sample', 'work on the sample library instead of the personal one')
  .option('--json', 'answer as JSON on standard output')
  .option('--quiet', 'no progress or remarks on standard error')
  .addHelpText(
    'after',
    '\nExit codes: 0 done · 1 done, with findings, differences or skipped files · 2 not done · 130 stopped',
  )
  .configureOutput({ writeErr: text => process.stderr.write(visible(text)) })
  .exitOverride()
  .showSuggestionAfterError()

verb('import <path>', 'bring in a folder of skills, a git repository with its history, or a .zip/.skill archive')
  .addOption(new Option('--as <kind>', 'how to read the path').choices(['path', 'folder', 'git']).default('path'))
  .action((path, options) => run(line => importPath(line, path, options.as)))
verb('list [words...]', 'skills, or those in which every word occurs').action(words =>
  run(line => list(line, words.join(' '))),
)
verb('validate <what...>', 'check folders, or skills of the library, by a profile')
  .addOption(
    new Option('--profile <name>', 'the rules').choices(['strict', 'reference', 'claude-code']).default('strict'),
  )
  .option('--strictly', 'warnings and advice count as findings too')
  .action((names, options) => run(line => validate(line, names, options.profile, options.strictly === true)))
verb('versions <skill>', 'the history of a skill').action(name => run(line => versions(line, name)))
verb('diff <left> <right>', 'two versions (skill@3, skill@published, skill@working) or folders, as a patch').action(
  (left, right) => run(line => diff(line, left, right)),
)
verb('export <skill> <folder>', 'write a skill (skill@3) for an agent, as a folder below the one named')
  .option('--zip', 'as one .skill archive')
  .option('--force', 'write into a folder that already has files')
  .action((name, folder, options) =>
    run(line => exportSkill(line, name, folder, { zip: options.zip === true, force: options.force === true })),
  )
const caseForm = () =>
  new Option('--form <form>', 'the file’s form').choices(['skill-creator', 'promptfoo', 'csv'] as const)
const cases = verb('cases', 'the benchmark cases of a skill')
under(cases, 'list <skill>', 'show them')
  .option('--archived', 'those put away too')
  .action((name, options) => run(line => listCases(line, name, options.archived === true)))
under(cases, 'import <skill> <file>', 'bring in an evals.json, a promptfoo configuration or a table')
  .addOption(caseForm())
  .option('--look', 'say what would happen, and change nothing')
  .action((name, file, options) =>
    run(line => importCases(line, name, file, { form: options.form, look: options.look === true })),
  )
under(cases, 'export <skill> <folder>', 'write them for another tool (- for standard output)')
  .addOption(caseForm().default('skill-creator'))
  .option('--force', 'replace a file that is there')
  .action((name, folder, options) =>
    run(line => exportCases(line, name, folder, { form: options.form, force: options.force === true })),
  )
under(
  verb('results', 'benchmark results that other tools made'),
  'import <skill> <path>',
  'bring in a folder of skill-creator’s, promptfoo’s JSON or a table',
)
  .addOption(caseForm())
  .option('--look', 'say what would happen, and change nothing')
  .action((name, file, options) =>
    run(line => importResults(line, name, file, { form: options.form, look: options.look === true })),
  )
addBenchmark(verb('benchmark', 'measure skills on their cases: plan, run, compare, gate'), run)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) exit = error.exitCode === 0 ? EXIT.done : EXIT.failed
  else {
    console.error(visible(sentenceOf(error)))
    exit = stop.signal.aborted ? EXIT.stopped : EXIT.failed
  }
}
process.exitCode = exit

function verb(usage: string, description: string): Command {
  return program.command(usage).description(description).exitOverride()
}

function under(parent: Command, usage: string, description: string): Command {
  return parent.command(usage).description(description).exitOverride()
}

async function run(work: (line: CommandLine) => Promise<Exit>): Promise<void> {
  const options = program.opts<{ data?: string; sample?: boolean; json?: boolean; quiet?: boolean }>()
  const dataDir = options.data ?? defaultDataDir(process.platform, process.env, homedir())
  const backend = await startBackend(backendOptions(dataDir, line => console.error(visible(line))))
  try {
    const api = createRouterClient(backend.router)
    const { library } = await api.system.info()
    if (library.state === 'problem') throw new Refused(`${library.path}: ${library.todo}`)
    const tenantId = options.sample
      ? (await api.spaces.openSample()).tenantId
      : (await api.spaces.list()).find(space => space.kind === 'personal')?.tenantId
    if (tenantId === undefined) throw new Error('the library has no personal space')
    // Search entries and figures that another process left for later.
    await backend.settled()
    exit = await work({
      api,
      tenantId,
      json: options.json === true,
      cwd: process.cwd(),
      print: text => process.stdout.write(`${visible(text)}\n`),
      content: text => process.stdout.write(`${process.stdout.isTTY ? visible(text) : text}\n`),
      remark: text => options.quiet || console.error(visible(text)),
      signal: stop.signal,
    })
    // What was imported is searched and counted by the time the command ends.
    await backend.settled()
  } finally {
    await backend.close()
  }
}

import { type Command, InvalidArgumentError, Option } from 'commander'
import { compareBenchmarks, listBenchmarks, resumeBenchmark, runBenchmark, showBenchmark } from './benchmark.ts'
import { listProviders, saveProvider } from './benchmark-providers.ts'
import type { CommandLine, Exit } from './shared.ts'

type Run = (work: (line: CommandLine) => Promise<Exit>) => Promise<void>

/** `whetstone benchmark …`: its verbs and their options. */
export function addBenchmark(benchmark: Command, run: Run): void {
  const verb = (usage: string, description: string) => benchmark.command(usage).description(description).exitOverride()
  reporting(verb('run <skill>', 'measure a skill (skill@3, skill@working) on its cases'))
    .option('--against <what...>', 'none (no skill), published, working, a version’s number, or another skill', [])
    .option('--model <provider/model...>', 'who tries: anthropic/claude-sonnet-4-6, ollama/qwen3', [])
    .option('--command <name...>', 'an agent’s command line, as agreed to in the app', [])
    .option('--judge <provider/model>', 'who grades what is demanded in words')
    .option('--judge-may-contend', 'the judge may be one of those who try')
    .option('--case <name...>', 'only these cases', [])
    .option('--tag <tag...>', 'only cases with one of these tags (and those of --case)', [])
    .option(
      '--lay <path...>',
      'give an agent these files although they configure it (a case’s CLAUDE.md, a SKILL.md with hooks)',
      [],
    )
    .addOption(number('--repeats <n>', 'how often each cell').default(1))
    .addOption(money())
    .option('--accept-unpriced', 'go on though a budget cannot hold for a model without a price')
    .option('--inline', 'give the skill all at once instead of in three steps')
    .addOption(number('--max-steps <n>', 'requests of one cell at most'))
    .addOption(number('--max-tokens <n>', 'tokens of one answer at most'))
    .option('--plan', 'say what it would do and cost, and ask nobody')
    .option('--yes', 'run it without a budget')
    .action((name, options) =>
      run(line =>
        runBenchmark(line, name, {
          ...options,
          cases: options.case,
          tags: options.tag,
          inlined: options.inline === true,
          planOnly: options.plan === true,
          judgeMayContend: options.judgeMayContend === true,
          acceptUnpriced: options.acceptUnpriced === true,
          yes: options.yes === true,
          gate: options.gate === true,
          acceptInconclusive: options.acceptInconclusive === true,
        }),
      ),
    )
  reporting(verb('resume <id>', 'go on with a run that stopped'))
    .addOption(money())
    .option('--retry-failed', 'try again what had no answer')
    .action((id, options) =>
      run(line =>
        resumeBenchmark(line, id, {
          ...options,
          retryFailed: options.retryFailed === true,
          gate: options.gate === true,
          acceptInconclusive: options.acceptInconclusive === true,
        }),
      ),
    )
  verb('list <skill>', 'its runs').action(name => run(line => listBenchmarks(line, name)))
  verb('show <run>', 'one run as a report').action(id => run(line => showBenchmark(line, id)))
  verb('compare <before> <after>', 'what one run did to what another did').action((left, right) =>
    run(line => compareBenchmarks(line, left, right)),
  )
  verb('providers', 'whom models can be asked of').action(() => run(listProviders))
  verb('provider <name>', 'make or change one')
    .option('--url <address>', 'where it is, for a server of your own')
    .addOption(
      new Option('--kind <kind>', 'how it is spoken to').choices([
        'anthropic',
        'openai',
        'google',
        'compatible',
      ] as const),
    )
    .option('--key-variable <name>', 'the environment variable that holds its key')
    .addOption(number('--concurrency <n>', 'requests at once'))
    .addOption(number('--requests-per-minute <n>', 'no more than that'))
    .addOption(number('--tokens-per-minute <n>', 'no more than that'))
    .option('--price <model=input,output...>', 'dollars per million tokens', [])
    .action((name, options) => run(line => saveProvider(line, name, options)))
}

const reporting = (command: Command): Command =>
  command
    .option(
      '--gate',
      'exit 1 unless it is as good: no case that passed fails, and it is not worse; against what is published, if nothing is named',
    )
    .option('--accept-inconclusive', 'the gate also passes a comparison that is inconclusive')
    .addOption(
      number('--ungraded <percent>', 'of the cases, how many the gate lets be without a grade (10)', {
        min: 0,
        max: 100,
      }),
    )
    .option('--junit <file>', 'write the results as JUnit XML')
    .option('--markdown <file>', 'write the results as Markdown')

const number = (flags: string, description: string, { min = 1, max = Infinity } = {}): Option =>
  new Option(flags, description).argParser(text => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(
        max === Infinity ? `It takes a whole number from ${min} on.` : `It takes a whole number from ${min} to ${max}.`,
      )
    return value
  })

const money = (): Option =>
  new Option('--budget <dollars>', 'stop before more than that is spent; agrees to the run').argParser(text => {
    const value = Number(text.replace(/^\$/, ''))
    if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It takes an amount in dollars.')
    return value
  })

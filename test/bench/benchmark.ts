import { fork } from 'node:child_process'
import http from 'node:http'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import Database from 'better-sqlite3'
import { field } from '../benchmark/field.ts'
import { eventsOf, readRequest } from '../support/model-wire.ts'
import { ms, percentile, timeOf } from './figures.ts'

const CELLS = 10_000
const CASES = 500
const CONCURRENCY = 16
const SUBJECTS = 2
/** Requests of the bare baseline: enough for a steady figure. */
const BARE = 2_000

/**
 * A run of 10,000 cells against a model server in a process of its own, beside the same questions sent by bare fetch: what a cell
 * costs on top, with its hash, cache, budget, grading and two durable transactions; and memory as it goes.
 */
export async function benchRuns(print: (line: string) => void): Promise<void> {
  const server = await separateServer()
  await using at = await field(() => ({ text: 'unused' }), { concurrency: CONCURRENCY })
  await at.api.providers.save({
    id: at.providerId,
    name: 'Local',
    kind: 'compatible',
    baseUrl: server.url,
    concurrency: CONCURRENCY,
  })
  const version = await at.save('# A skill\n'.repeat(200))
  at.addCases(
    Array.from({ length: CASES }, (_, n) => ({
      prompt: `Question ${n}? ${'Some words that a task may have. '.repeat(20)}`,
      assertions: [
        { type: 'contains', value: 'answer' },
        { type: 'length', unit: 'words', max: 50 },
        { type: 'regex', value: 'answer \\d+' },
      ],
    })),
  )
  const settings = { ...at.input({}).settings, manner: 'inlined' as const }
  const over = {
    subjects: [{ kind: 'version' as const, id: version }, { kind: 'none' as const }],
    settings,
    repeats: CELLS / CASES / SUBJECTS,
  }
  const bare = await bareRequests(server.url)
  const disk = await durableWrites(at.dataDir)
  const planned = performance.now()
  await at.api.benchmarks.plan(at.input(over))
  const planMs = performance.now() - planned
  const memory: number[] = []
  const used = process.cpuUsage()
  const id = await at.start(over)
  const began = performance.now()
  // What is live, not what has yet to be swept: a collection now and then.
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const watch = setInterval(() => {
    collect()
    memory.push(process.memoryUsage().heapUsed / 1024 / 1024)
  }, 5_000)
  const batch = await at.ended(id)
  clearInterval(watch)
  const perCell = (performance.now() - began) / CELLS
  const cpu = process.cpuUsage(used)
  const busy = (cpu.user + cpu.system) / 1_000 / CELLS
  if (batch.done !== CELLS) throw new Error(`${batch.done} of ${CELLS} cells are done: ${batch.reason}`)
  const again = performance.now()
  await at.run(over)
  const cached = (performance.now() - again) / CELLS
  server.stop()
  const half = Math.floor(memory.length / 2)
  const [first, second] = [memory.slice(0, half), memory.slice(half)]
  print(`a run of ${CELLS} cells, ${CONCURRENCY} at once, against a local server`)
  print(`  bare fetch, same questions   ${ms(bare.wall)} a request, ${ms(bare.busy)} of it processor time here`)
  print(`  a durable transaction        ${ms(disk)} on this disk, now`)
  print(`  a cell                       ${ms(perCell)}, so ${ms(perCell - bare.wall)} on top (goal ≤ 2 ms)`)
  print(`  processor time of a cell     ${ms(busy)}, so ${ms(busy - bare.busy)} on top`)
  print(`  a cell from the cache        ${ms(cached)} (plan and start included)`)
  print(`  planning it                  ${ms(planMs)}`)
  print(
    `  live heap                    first half p95 ${percentile(first, 95).toFixed(0)} MB, second half p95 ${percentile(second, 95).toFixed(0)} MB, ` +
      `${(percentile(second, 95) / percentile(first, 95)).toFixed(2)}× (goal ≤ 1.15)`,
  )
}

/** The same number at once, read to the end, nothing else. */
async function bareRequests(url: string): Promise<{ wall: number; busy: number }> {
  const body = (n: number) =>
    JSON.stringify({
      model: 'north',
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 1_000,
      messages: [
        { role: 'system', content: '# A skill\n'.repeat(200) },
        { role: 'user', content: `Question ${n}? ${'Some words that a task may have. '.repeat(20)}` },
      ],
    })
  let next = 0
  const hand = async () => {
    while (next < BARE) {
      const n = next++
      const headers = { 'content-type': 'application/json', authorization: 'Bearer x' }
      const response = await fetch(`${url}/chat/completions`, { method: 'POST', headers, body: body(n) })
      await response.text()
    }
  }
  await hand().then(() => {
    next = 0
  })
  const used = process.cpuUsage()
  const began = performance.now()
  await Promise.all(Array.from({ length: CONCURRENCY }, hand))
  const cpu = process.cpuUsage(used)
  return { wall: (performance.now() - began) / BARE, busy: (cpu.user + cpu.system) / 1_000 / BARE }
}

/** What SQLite needs at the least to keep one row for good, beside which a cell's own writes are to be read. */
async function durableWrites(dataDir: string): Promise<number> {
  const db = new Database(path.join(dataDir, 'bare.db'))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec('CREATE TABLE t (text TEXT)')
  const insert = db.prepare('INSERT INTO t VALUES (?)')
  const times = Array.from({ length: 300 }, (_, n) => timeOf(() => insert.run(`row ${n} ${'x'.repeat(500)}`)))
  db.close()
  return times.reduce((sum, one) => sum + one, 0) / times.length
}

/** In a process of its own, so that what it takes is not counted as ours. */
async function separateServer(): Promise<{ url: string; stop: () => void }> {
  const child = fork(path.join(import.meta.dirname, 'benchmark.ts'), ['serve'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const port = await new Promise<unknown>(resolve => child.once('message', resolve))
  return { url: `http://127.0.0.1:${String(port)}/v1`, stop: () => child.kill() }
}

function serve(): void {
  let number = 0
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const asked = readRequest('openai', JSON.parse(Buffer.concat(chunks).toString('utf8')), '', ++number)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(eventsOf(asked, { text: ['the answer ', String(number), ' to all of it'] }).join(''))
  })
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    process.send?.(typeof address === 'object' && address ? address.port : 0)
  })
  process.once('disconnect', () => process.exit(0))
}

if (process.argv[2] === 'serve') serve()
else if (import.meta.filename === process.argv[1]) await benchRuns(console.log)

/** A backend in a process of its own, as the app has it: joins, receives everything there is, and says what memory it took. */

import fs from 'node:fs'
import { testBackend } from '../support/backend.ts'

const { invite, tenantId, versions } = JSON.parse(fs.readFileSync(0, 'utf8'))
const after = (ms: number, callback: () => void) => {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}
await using backend = await testBackend({ sync: { random: Math.random, after } })
const { api } = backend
for await (const _ of await api.sync.join({ invite })) {
  // Its steps.
}
const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024)
const before = megabytes(process.memoryUsage().rss)
const cpuBefore = process.cpuUsage()
const start = performance.now()
await api.sync.start({ tenantId, content: 'newest' })
const status = async () => (await api.sync.status()).find(team => team.tenantId === tenantId)
for (;;) {
  const [space] = (await api.spaces.list()).filter(one => one.tenantId === tenantId)
  if ((space?.versions ?? 0) >= versions && (await status())?.progress === null) break
  await new Promise(resolve => setTimeout(resolve, 50))
}
const seconds = (performance.now() - start) / 1_000
const { user, system } = process.cpuUsage(cpuBefore)
const cpu = (user + system) / 1e6
await backend.backend.settled()
/** The most that it ever had; where only Linux tells, what it has. */
const peak = () => {
  const found = /VmHWM:\s+(\d+) kB/.exec(
    fs.existsSync('/proc/self/status') ? fs.readFileSync('/proc/self/status', 'utf8') : '',
  )
  return found ? Number(found[1]) * 1024 : process.memoryUsage().rss
}
console.log(
  JSON.stringify({ seconds, cpu, before, rss: megabytes(process.memoryUsage().rss), peak: megabytes(peak()) }),
)

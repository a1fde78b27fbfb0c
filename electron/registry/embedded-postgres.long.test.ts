import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { afterAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/support/backend.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { findPostgres } from './postgres-binaries.ts'

const found = findPostgres()
const folders: string[] = []
const newFolder = () => {
  const folder = temporaryFolder()
  folders.push(folder)
  return folder
}
afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true })
})

async function start(folder: string): Promise<EmbeddedPostgres> {
  const result = await startEmbeddedPostgres({ folder, fast: true })
  if (result.kind !== 'started') throw new Error(result.reason)
  return result.server
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

test('a platform without a server says so', () => {
  expect(findPostgres('aix', 'ppc64')).toEqual({ kind: 'missing', reason: expect.stringContaining('aix on ppc64') })
})

describe.skipIf(found.kind === 'missing')(
  `embedded Postgres${found.kind === 'missing' ? `: ${found.reason}` : ''}`,
  () => {
    test('keeps its data and password between runs, and is gone after stop', async () => {
      // A closed folder above it, as a home directory is.
      const folder = path.join(newFolder(), 'closed', 'registry')
      fs.mkdirSync(folder, { recursive: true })
      fs.chmodSync(path.dirname(folder), 0o700)
      const first = await start(folder)
      await ask(first.url, 'CREATE TABLE kept AS SELECT 42 AS n')
      const password = new URL(first.url).password
      await first.stop()
      await first.stop()
      expect(isGone(first.pid)).toBe(true)

      const second = await start(folder)
      expect(await ask(second.url, 'SELECT n FROM kept')).toEqual([42])
      expect(new URL(second.url).password).toBe(password)
      const wrong = second.url.replace(password, 'guessed')
      await expect(ask(wrong, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
      await second.stop()
    })

    test('a second run on the same folder is refused, and the first goes on', async () => {
      const folder = newFolder()
      const server = await start(folder)
      expect(await startEmbeddedPostgres({ folder })).toMatchObject({ kind: 'busy', pid: process.pid })
      expect(await ask(server.url, 'SELECT 1')).toEqual([1])
      await server.stop()
    })

    test('a server whose starter was killed ends by itself, and its folder starts again', async () => {
      const folder = newFolder()
      const script = `import { startEmbeddedPostgres } from ${JSON.stringify(path.join(import.meta.dirname, 'embedded-postgres.ts'))}
      const result = await startEmbeddedPostgres({ folder: ${JSON.stringify(folder)}, fast: true })
      console.log(result.server.pid)
      setInterval(() => {}, 1000)`
      const starter = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const pid = await new Promise<number>(resolve => {
        createInterface(starter.stdout).once('line', line => resolve(Number(line)))
      })
      expect(isGone(pid)).toBe(false)
      starter.kill('SIGKILL')
      await once(starter, 'exit')
      const server = await start(folder)
      expect(server.pid).not.toBe(pid)
      expect(isGone(pid)).toBe(true)
      await server.stop()
    })

    test('a stale process number of another program does not keep it from starting', async () => {
      const folder = newFolder()
      await (await start(folder)).stop()
      fs.writeFileSync(path.join(folder, 'pgdata', 'postmaster.pid'), `${process.ppid}\n`)
      const server = await start(folder)
      expect(await ask(server.url, 'SELECT 1')).toEqual([1])
      await server.stop()
    })
  },
)

import { isAlive, watchAncestors } from './ancestors.ts'
import { type DemoProvision, startDemo } from './demo-start.ts'

/** How often it is looked whether what must live does, in milliseconds. */
const LOOK_MS = 1_000

export type DemoVerb = {
  /** The demo's own folder. */
  dataDir: string
  provision: DemoProvision
  /** What it was asked for: the invite, alone on its line. */
  print: (line: string) => void
  /** Progress and remarks. */
  remark: (line: string) => void
  /** Does not wait for the disk: for tests only. */
  fast?: boolean
}

/**
 * `registry demo`: runs until Ctrl-C, SIGTERM, SIGHUP or the death of the program that started it.
 *
 * @returns the exit code: 0 stopped as asked, 2 not started, or a server ended
 */
export async function runDemo({ dataDir, provision, print, remark, fast }: DemoVerb): Promise<number> {
  const stop = new AbortController()
  const release = onEnding(() => {
    // Asked twice: now. The servers' guards end them.
    if (stop.signal.aborted) process.exit(130)
    remark('Stopping…')
    stop.abort()
  })
  try {
    const onProgress = ({ message }: { message: string }) => remark(message)
    const started = await startDemo({ dataDir, provision, onProgress, signal: stop.signal, fast })
    if (started.kind !== 'started') {
      remark(started.message)
      if (started.kind === 'already-running' && started.invite !== undefined) print(started.invite)
      return started.kind === 'cancelled' ? 0 : 2
    }
    const { demo } = started
    remark(`Paste this invite into Whetstone to join. What you store stays in ${dataDir}. Ctrl-C stops the registry.`)
    print(demo.invite)
    const lost = await untilStopped(stop.signal, demo.pids)
    if (lost) remark('One of the registry’s servers has ended unexpectedly. What was stored is kept; start it again.')
    await demo.stop()
    remark('The demo registry has stopped. What was stored is kept.')
    return lost ? 2 : 0
  } finally {
    release()
  }
}

/** Waits for the signal. Answers whether it was a server's death that ended the wait. */
function untilStopped(signal: AbortSignal, pids: () => number[]): Promise<boolean> {
  return new Promise(resolve => {
    const timer = setInterval(() => {
      if (!pids().every(isAlive)) end(true)
    }, LOOK_MS)
    const end = (lost: boolean) => {
      clearInterval(timer)
      resolve(lost)
    }
    if (signal.aborted) end(false)
    signal.addEventListener('abort', () => end(false), { once: true })
  })
}

/** Hears of everything that asks this process to end: signals, and the end of who started it. */
function onEnding(ask: () => void): () => void {
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, ask)
  const ancestorsLive = watchAncestors()
  const timer = setInterval(() => {
    if (ancestorsLive()) return
    clearInterval(timer)
    ask()
  }, LOOK_MS)
  return () => {
    for (const signal of signals) process.off(signal, ask)
    clearInterval(timer)
  }
}

/** Consents on their way to a backend's process: each is answered once, with false where the process ends first. */
export type PendingConsents = {
  ask(send: (call: number) => void): Promise<boolean>
  answered(call: number, kept: boolean): void
  end(): void
}

export function createPendingConsents(): PendingConsents {
  const waiting = new Map<number, (kept: boolean) => void>()
  let lastCall = 0
  let ended = false
  const answered = (call: number, kept: boolean) => {
    waiting.get(call)?.(kept)
    waiting.delete(call)
  }
  return {
    ask: send =>
      new Promise(resolve => {
        if (ended) return resolve(false)
        const call = ++lastCall
        waiting.set(call, resolve)
        send(call)
      }),
    answered,
    end: () => {
      ended = true
      for (const call of [...waiting.keys()]) answered(call, false)
    },
  }
}

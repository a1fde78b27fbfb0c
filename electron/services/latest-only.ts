/**
 * Values for a slower reader: it gets the newest one each time it is ready, and none it missed. Progress is like that: a
 * reader behind a slow port must not hold up the work, nor see an hour-old figure.
 */
export function latestOnly<T>(): { push: (value: T) => void; end: () => void; values: AsyncGenerator<T, void> } {
  let latest: { value: T } | undefined
  let ended = false
  let wake: (() => void) | undefined
  const notify = () => {
    wake?.()
    wake = undefined
  }
  async function* values(): AsyncGenerator<T, void> {
    for (;;) {
      const next = latest
      latest = undefined
      if (next) yield next.value
      else if (ended) return
      else
        await new Promise<void>(resolve => {
          wake = resolve
        })
    }
  }
  return {
    push: value => {
      latest = { value }
      notify()
    },
    end: () => {
      ended = true
      notify()
    },
    values: values(),
  }
}

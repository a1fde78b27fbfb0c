import type { Readable } from 'node:stream'

/** The lines a process wrote, and a way to wait for one. */
export class Lines {
  readonly all: string[] = []
  readonly #waiting = new Set<() => void>()

  read(stream: Readable | null): void {
    let rest = ''
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      this.all.push(...lines)
      for (const look of [...this.#waiting]) look()
    })
  }

  /** The first match in the lines from number `from` on, as soon as it is there. */
  async find(pattern: RegExp, from = 0, ended?: Promise<unknown>): Promise<RegExpMatchArray> {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpMatchArray>()
    const look = () => {
      for (const line of this.all.slice(from)) {
        const match = line.match(pattern)
        if (match) return resolve(match)
      }
    }
    this.#waiting.add(look)
    void ended?.then(() => reject(new Error(`It ended without saying ${pattern}:\n${this.all.join('\n')}`)))
    look()
    return promise.finally(() => this.#waiting.delete(look))
  }

  /** The newest match so far. */
  last(pattern: RegExp): RegExpMatchArray | undefined {
    return this.all.map(line => line.match(pattern)).findLast(match => match !== null) ?? undefined
  }
}

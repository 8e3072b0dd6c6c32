/** Bounded waiting, on any kind of clock. */

/** What differs between clocks. */
export interface PatienceOptions {
  /** Lets about `ms` milliseconds pass. Default: a timer. With a manual clock: `(ms) => clock.advance(ms)`. */
  readonly wait?: (ms: number) => Promise<void>
  /** The longest that anything may take, in milliseconds. Default 5000. */
  readonly timeoutMs?: number
}

export interface Patience {
  readonly wait: (ms: number) => Promise<void>
  /** Waits until `condition` gives true. Rejects, with `what` in the words, when it does not do so in time. */
  readonly until: (what: string, condition: () => boolean | Promise<boolean>) => Promise<void>
  /** The result of `promise`, or a rejection when it does not settle in time. */
  readonly inTime: <T>(what: string, promise: Promise<T>) => Promise<T>
}

export function createPatience(options: PatienceOptions): Patience {
  const wait = options.wait ?? timer
  const timeoutMs = options.timeoutMs ?? 5000
  const until = async (
    what: string,
    condition: () => boolean | Promise<boolean>
  ): Promise<void> => {
    let waitedMs = 0
    for (let stepMs = 1; !(await condition()); stepMs = Math.min(2 * stepMs, LONGEST_STEP_MS)) {
      if (waitedMs >= timeoutMs) throw new Error(`${what}: waited ${timeoutMs} ms in vain`)
      await wait(stepMs)
      waitedMs += stepMs
    }
  }
  const inTime = async <T>(what: string, promise: Promise<T>): Promise<T> => {
    let settled = false
    const mark = (): void => {
      settled = true
    }
    promise.then(mark, mark)
    await until(`${what} did not settle`, () => settled)
    return promise
  }
  return { wait, until, inTime }
}

const LONGEST_STEP_MS = 20

function timer(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

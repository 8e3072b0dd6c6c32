/** Waiting with a time limit, for any kind of clock. */

/** The differences between clocks. */
export interface PatienceOptions {
  /** Waits about `ms` milliseconds. Default: a timer. With a manual clock: `(ms) => clock.advance(ms)`. */
  readonly wait?: (ms: number) => Promise<void>
  /** The longest wait, in milliseconds. Default 5000. */
  readonly timeoutMs?: number
}

export interface Patience {
  readonly wait: (ms: number) => Promise<void>
  /** Waits until `condition` returns true. Rejects with an error that names `what` when it does not in time. */
  readonly until: (what: string, condition: () => boolean | Promise<boolean>) => Promise<void>
  /** Returns the result of `promise`. Rejects when it does not settle in time. */
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
      if (waitedMs >= timeoutMs) throw new Error(`${what}: timed out after ${timeoutMs} ms`)
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

/** A peer in its own process, which can be suspended. It is killed at the end of the test. */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

export interface Child {
  readonly address: string
  /** Stops the process in the middle of what it does: its connections stay. */
  freeze(): void
}

export async function startChild(): Promise<Child> {
  const child = fork(new URL('./frozen-child.mjs', import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc']
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [address] = (await once(child, 'message')) as [string]
  return { address, freeze: () => void child.kill('SIGSTOP') }
}

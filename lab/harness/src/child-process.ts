/** The life of a child process, and its first word. */

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

type Ended = Pick<ChildProcess, 'exitCode' | 'signalCode'>

/** Returns whether a process has ended. */
export function hasEnded({ exitCode, signalCode }: Ended): boolean {
  return exitCode !== null || signalCode !== null
}

/** Kills a process unless it has ended. Resolves when it has. */
export async function kill(child: Ended & Pick<ChildProcess, 'kill' | 'once'>): Promise<void> {
  if (hasEnded(child)) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

/** Resolves with the next message of `child`, called `name`. Rejects when it ends before, or when `signal` aborts. */
export async function messageOf<Message>(
  child: ChildProcess,
  name: string,
  signal?: AbortSignal
): Promise<Message> {
  // Ends the wait for the other event.
  const settled = new AbortController()
  const signals = [settled.signal, ...(signal === undefined ? [] : [signal])]
  const options = { signal: AbortSignal.any(signals) }
  try {
    const [message] = (await Promise.race([
      once(child, 'message', options),
      once(child, 'exit', options).then(([code]) => {
        throw new Error(`${name} ended early, with ${code}`)
      })
    ])) as [Message]
    return message
  } finally {
    settled.abort()
  }
}

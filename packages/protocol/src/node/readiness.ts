/** Resolves the promises of `ready()` once a peer has answered. A node that was ready stays ready. */

import type { GossipError } from '../model/errors.ts'

export class Readiness {
  #ready = false
  #ended: GossipError | undefined
  readonly #waiting = new Set<(error?: GossipError) => void>()

  /** Resolves once the node is ready. Rejects with the reason of `signal`, or with the error given to `end`. */
  wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended)
      if (this.#ready) return resolve()
      if (signal?.aborted) return reject(signal.reason)
      const settle = (error?: unknown): void => {
        this.#waiting.delete(settle)
        signal?.removeEventListener('abort', onAbort)
        if (error === undefined) resolve()
        else reject(error)
      }
      const onAbort = (): void => settle(signal?.reason)
      signal?.addEventListener('abort', onAbort)
      this.#waiting.add(settle)
    })
  }

  reached(): void {
    this.#ready = true
    for (const settle of this.#waiting) settle()
  }

  end(error: GossipError): void {
    this.#ended = error
    for (const settle of this.#waiting) settle(error)
  }
}

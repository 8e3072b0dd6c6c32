/** The interface of a member of a mixed group, of both kinds: its commands, and its deliveries. */

import type { UpdateStatus } from '@rumormill/protocol'

export interface Member {
  readonly kind: 'crate' | 'rumormill'
  readonly address: string
  /** How often the handler got each update, by digest; no longer counted after {@link silence}. */
  readonly delivered: ReadonlyMap<string, number>
  /** The id of its process. */
  readonly pid: number
  /** Submits an update; resolves with whether it was accepted. */
  submit(content: Uint8Array): Promise<boolean>
  status(content: Uint8Array): Promise<UpdateStatus>
  /** Submits updates of `bytes` bytes, numbered `first`, `first + step`, ...; resolves with how many were accepted. */
  submitMany(first: number, count: number, step: number, bytes: number): Promise<number>
  /** Makes the member only count deliveries; `reached` resolves after `count` of them in total. */
  silence(count: number): Promise<{ readonly reached: Promise<void> }>
  /** Resolves with the number of deliveries. */
  count(): Promise<number>
  /** Kills the process. */
  kill(): Promise<void>
}

/** The periods of both kinds: fast enough for a test, slow enough for sixteen nodes on two cores. */
export const ROUND_MS = 200
export const SAMPLING_MS = 400

export const HOST = '127.0.0.1'

/** A member of a mixed group, of either kind: what it is told to do, and what its handler was given. */

import type { UpdateStatus } from '@rumormill/protocol'

export interface Member {
  readonly kind: 'crate' | 'rumormill'
  readonly address: string
  /** How often the handler was given each update, by digest; nothing more once the member is silent. */
  readonly delivered: ReadonlyMap<string, number>
  /** The process that it runs in, alone. */
  readonly pid: number
  /** Whether it was accepted. */
  submit(content: Uint8Array): Promise<boolean>
  status(content: Uint8Array): Promise<UpdateStatus>
  /** Submits updates of `bytes` bytes, numbered `first`, `first + step`, ...; resolves with how many were accepted. */
  submitMany(first: number, count: number, step: number, bytes: number): Promise<number>
  /** From now on deliveries are only counted; `reached` resolves with the `count`th of all. */
  silence(count: number): Promise<{ readonly reached: Promise<void> }>
  /** How many updates the handler was given. */
  count(): Promise<number>
  /** Gone without a word. */
  kill(): Promise<void>
}

/** Both kinds run at these: quick enough for a test, slow enough for sixteen nodes on two cores. */
export const ROUND_MS = 200
export const SAMPLING_MS = 400

export const HOST = '127.0.0.1'

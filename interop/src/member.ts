/** A member of a mixed group, of either kind: what it is told to do, and what its handler was given. */
import type { Expiration } from '@rumormill/protocol'

export interface MemberOptions {
  readonly port: number
  /** Addresses to contact first. */
  readonly contacts: readonly string[]
  readonly expiration: Expiration
  /** A node of rumormill only: as it runs where the crate does not. */
  readonly native?: boolean
}

export interface Member {
  readonly kind: 'crate' | 'rumormill'
  readonly address: string
  /** How often the handler was given each update, by digest. */
  readonly delivered: ReadonlyMap<string, number>
  /** The process that it runs in. */
  readonly pid: number
  submit(content: Uint8Array): void
  /** Gone without a word. */
  kill(): Promise<void>
}

/** Both kinds run at these: quick enough for a test, slow enough for sixteen nodes on two cores. */
export const ROUND_MS = 200
export const SAMPLING_MS = 400

export const HOST = '127.0.0.1'

/** Who is let in: those whom the application authorizes, until they misbehave. */
import type { Address } from '../peer.ts'
import type { StandingConfig } from './config.ts'
import { Strikes } from './strikes.ts'

/** A network that now and then alters a byte looks like a peer that misbehaves; ten good messages make up for one. */
const UNDERSTOOD = 0.1

export class Gate {
  readonly #strikes: Strikes
  readonly #authorize: ((peer: Address) => boolean) | undefined

  /** Without `authorize` everybody belongs to the group. */
  constructor(config: StandingConfig, authorize: ((peer: Address) => boolean) | undefined) {
    this.#strikes = new Strikes(config)
    this.#authorize = authorize
  }

  /** How many peers are ignored at `nowMs`. */
  ignoredPeers(nowMs: number): number {
    return this.#strikes.ignored(nowMs)
  }

  /** Why `peer` is turned away; `undefined` when it is let in. */
  turnsAway(peer: Address, nowMs: number): 'ignored' | 'unauthorized' | undefined {
    if (this.#authorize !== undefined && !this.#authorize(peer)) return 'unauthorized'
    return this.#strikes.ignores(peer, nowMs) ? 'ignored' : undefined
  }

  /** Counts an offence; returns for how many milliseconds the peer is ignored from now on, 0 for not yet. */
  strike(peer: Address, nowMs: number): number {
    return this.#strikes.strike(peer, nowMs)
  }

  /** A message of `peer` was understood; `useful` when it brought a content that was wanted. */
  forgive(peer: Address, useful: boolean, nowMs: number): void {
    this.#strikes.forgive(peer, useful ? 1 : UNDERSTOOD, nowMs)
  }
}

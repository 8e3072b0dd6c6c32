/**
 * Verifies the addresses of peers by dialling them. A peer that advertises another host than it connects from may be behind
 * an address translation, or may want this node to dial a third party. So the address is dialled once, and if the key of the
 * peer is not found there, it is not dialled again for an hour.
 */

import type { Address } from '@rumormill/protocol/plugin'
import type { DialGuard } from '@rumormill/stream-transport'
import { dialledHost, mayBe, type PeerAddress } from './address.ts'
import type { Libp2pConfig } from './config.ts'

const PROVE_MS = 3000

/** How long an address that failed is not dialled again. */
const FAILED_MS = 60 * 60 * 1000

export class Proofs {
  readonly #config: Libp2pConfig
  readonly #dials: DialGuard
  readonly #found = new Set<Address>()
  /** The addresses that failed, and until when they are not dialled. */
  readonly #failed = new Map<Address, number>()
  /** The dials under way. */
  readonly #seeking = new Map<Address, AbortController>()

  constructor(config: Libp2pConfig, dials: DialGuard) {
    this.#config = config
    this.#dials = dials
  }

  /** Returns whether a dial of `address` did not find its key in the last hour. */
  failed(address: Address): boolean {
    const untilMs = this.#failed.get(address)
    return untilMs !== undefined && performance.now() < untilMs
  }

  /** Notes that a dial of the address found its key. */
  found({ address, multiaddr }: PeerAddress): void {
    this.#dials.proved(dialledHost(multiaddr))
    this.#failed.delete(address)
    this.#found.delete(address)
    this.#found.add(address)
    if (this.#found.size > this.#config.limits.backOffAddresses)
      this.#found.delete(this.#found.values().next().value!)
  }

  /** Dials an address to verify it, unless the result is known or too many dials are under way. Does not reject. */
  async seek(to: PeerAddress): Promise<void> {
    const { node, limits } = this.#config
    const { address } = to
    if (this.#found.has(address) || this.failed(address) || this.#seeking.has(address)) return
    if (this.#seeking.size >= limits.backOffAddresses) return
    const seeking = new AbortController()
    this.#seeking.set(address, seeking)
    const late = setTimeout(() => seeking.abort(), PROVE_MS)
    try {
      await this.#dials.turn(dialledHost(to.multiaddr), performance.now(), seeking.signal)
      const options = { force: true, signal: seeking.signal }
      const { remoteAddr } = await node.dial(to.multiaddr, options)
      // libp2p joins the dials of one peer, so another address may have answered.
      if (mayBe(to.multiaddr, remoteAddr)) this.found(to)
    } catch {
      this.#failed.delete(address)
      this.#failed.set(address, performance.now() + FAILED_MS)
      if (this.#failed.size > limits.backOffAddresses)
        this.#failed.delete(this.#failed.keys().next().value!)
    } finally {
      clearTimeout(late)
      this.#seeking.delete(address)
    }
  }

  stop(): void {
    for (const seeking of this.#seeking.values()) seeking.abort()
  }
}

/**
 * Where keys of peers were found by dialling, and where they were not. Who says that it can be dialled on another host than it
 * comes from may be right, behind an address translation, or may want this node to call on somebody else: it is looked at
 * once, and where the key was not found, it is dialled no more for a while.
 */

import type { Address } from '@rumormill/protocol'
import type { DialGuard } from '@rumormill/stream-transport'
import { dialledHost, mayBe, type PeerAddress } from './address.ts'
import type { Libp2pConfig } from './config.ts'

const PROVE_MS = 3000

/** For so long a key that was not found is not looked for again. */
const FAILED_MS = 60 * 60 * 1000

export class Proofs {
  readonly #config: Libp2pConfig
  readonly #dials: DialGuard
  readonly #found = new Set<Address>()
  /** Until when they are not dialled. */
  readonly #failed = new Map<Address, number>()
  /** Those under way. */
  readonly #seeking = new Map<Address, AbortController>()

  constructor(config: Libp2pConfig, dials: DialGuard) {
    this.#config = config
    this.#dials = dials
  }

  /** Whether the key of `address` was not found there, lately. */
  failed(address: Address): boolean {
    const untilMs = this.#failed.get(address)
    return untilMs !== undefined && performance.now() < untilMs
  }

  /** The key was found, by dialling. */
  found({ address, multiaddr }: PeerAddress): void {
    this.#dials.proved(dialledHost(multiaddr))
    this.#failed.delete(address)
    this.#found.delete(address)
    this.#found.add(address)
    if (this.#found.size > this.#config.limits.backOffAddresses)
      this.#found.delete(this.#found.values().next().value!)
  }

  /** Looks whether the key is found, unless that is known or too much is under way. Does not reject. */
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
      // Dials of one peer are joined: another address may have answered.
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

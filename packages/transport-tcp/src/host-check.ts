/** Checks that the host a peer advertises is the host that its connection comes from. */

import { isIP } from 'node:net'
import { GossipError } from '@rumormill/protocol/plugin'
import { canonicalIp, hostPrefix, isLoopback } from './address.ts'
import type { Names } from './names.ts'

/** How many lookups one host may cause at once: each sends a query to a name server that the host may choose. */
const MAX_PER_HOST = 2

export class HostCheck {
  readonly #lookups: number
  readonly #names: Names
  /** The running lookups by the host that caused them. */
  readonly #running = new Map<string, number>()

  /** `lookups` limits the lookups at once over all hosts. */
  constructor(lookups: number, names: Names) {
    this.#lookups = lookups
    this.#names = names
  }

  /** Resolves with whether `host` is, or resolves to, `remoteIp`. Rejects with OVERLOADED when too many lookups run. */
  async belongs(host: string, remoteIp: string): Promise<boolean> {
    if (isIP(host) !== 0) return sameHost(host, remoteIp)
    const isRemote = (ip: string): boolean => sameHost(ip, remoteIp)
    const inHosts = await this.#names.inHosts(host)
    if (inHosts.length > 0) return inHosts.some(isRemote)
    const from = hostPrefix(remoteIp)
    const running = this.#running.get(from) ?? 0
    const all = [...this.#running.values()].reduce((sum, each) => sum + each, 0)
    if (running >= MAX_PER_HOST || all >= this.#lookups)
      throw new GossipError('OVERLOADED', 'too many host names are being looked up')
    this.#running.set(from, running + 1)
    try {
      return (await this.#names.elsewhere(host)).some(isRemote)
    } catch {
      return false
    } finally {
      const left = this.#running.get(from)! - 1
      if (left === 0) this.#running.delete(from)
      else this.#running.set(from, left)
    }
  }
}

/** Compares two hosts. All loopback addresses are one host: `localhost` may be 127.0.0.1 on one side and ::1 on the other. */
function sameHost(ip: string, other: string): boolean {
  return canonicalIp(ip) === other || (isLoopback(canonicalIp(ip)) && isLoopback(other))
}

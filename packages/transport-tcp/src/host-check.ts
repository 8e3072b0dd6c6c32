/** The check behind every sender's address: does the host it advertises belong to where the connection comes from? */

import { isIP } from 'node:net'
import { GossipError } from '@rumormill/protocol'
import { canonicalIp, hostPrefix, isLoopback } from './address.ts'
import type { Names } from './names.ts'

/** How many names one host may have in question at once: each costs a question to a name server of its choice. */
const MAX_PER_HOST = 2

export class HostCheck {
  readonly #lookups: number
  readonly #names: Names
  /** By the host that has them in question. */
  readonly #running = new Map<string, number>()

  /** `lookups` bounds the names in question at once. */
  constructor(lookups: number, names: Names) {
    this.#lookups = lookups
    this.#names = names
  }

  /** Whether `host` is, or resolves to, the remote IP address. Rejects with OVERLOADED when too many names are asked for. */
  async belongs(host: string, remoteIp: string): Promise<boolean> {
    if (isIP(host) !== 0) return sameHost(host, remoteIp)
    const isRemote = (ip: string): boolean => sameHost(ip, remoteIp)
    const known = await this.#names.inHosts(host)
    if (known.length > 0) return known.some(isRemote)
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

/** All loopback addresses are one host: `localhost` may mean 127.0.0.1 on one side and ::1 on the other. */
function sameHost(ip: string, other: string): boolean {
  return canonicalIp(ip) === other || (isLoopback(canonicalIp(ip)) && isLoopback(other))
}

/** The check behind every sender's address: does the host it advertises belong to where the connection comes from? */

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { GossipError } from '@rumormill/protocol'
import { canonicalIp, isLoopback } from './address.ts'

export interface HostCheck {
  /** Whether `host` is, or resolves to, the remote IP address. Rejects with OVERLOADED when too many names are asked for. */
  belongs(host: string, remoteIp: string): Promise<boolean>
}

/** `lookups` bounds the names in question at once: a lookup can outlive its connection and cannot be cancelled. */
export function createHostCheck(lookups: number): HostCheck {
  let running = 0
  return {
    async belongs(host, remoteIp) {
      if (isIP(host) !== 0) return sameHost(host, remoteIp)
      if (running >= lookups)
        throw new GossipError('OVERLOADED', 'too many host names are being looked up')
      running++
      try {
        const found = await lookup(host, { all: true })
        return found.some(({ address }) => sameHost(canonicalIp(address), remoteIp))
      } catch {
        return false
      } finally {
        running--
      }
    }
  }
}

/** All loopback addresses are one host: `localhost` may mean 127.0.0.1 on one side and ::1 on the other. */
function sameHost(ip: string, other: string): boolean {
  return canonicalIp(ip) === other || (isLoopback(canonicalIp(ip)) && isLoopback(other))
}

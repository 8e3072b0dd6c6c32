/** Limits the connections from one host, and from one network of hosts. */

import { BlockList } from 'node:net'
import { hostPrefix, isLoopback, networkPrefix } from './address.ts'
import type { TcpLimits } from './config.ts'

/** Private networks. They have no limit per network, because one /24 of these may be a whole data centre. */
const PRIVATE = new BlockList()
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10]
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4')
}
for (const [network, bits] of [
  ['fc00::', 7],
  ['fe80::', 10]
] as const)
  PRIVATE.addSubnet(network, bits, 'ipv6')

/** Returns the host of `ip` for the counts of connections: all of loopback is one host, and so is a /64 of IPv6. */
export function hostPlace(ip: string): string {
  return isLoopback(ip) ? 'loopback' : `host ${hostPrefix(ip)}`
}

type AdmissionLimits = Pick<
  TcpLimits,
  'connectionsPerHost' | 'connectionsPerLoopbackHost' | 'connectionsPerNetwork'
>

export class Admission {
  readonly #limits: AdmissionLimits
  readonly #connections = new Map<string, number>()

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  /** Counts one more connection of `ip`, in canonical form. Returns the limit that it would exceed, if any. */
  enter(ip: string): 'host-full' | 'network-full' | undefined {
    const places = this.#places(ip)
    const full = places.find(({ place, most }) => (this.#connections.get(place) ?? 0) >= most)
    if (full !== undefined) return full.refusal
    for (const { place } of places)
      this.#connections.set(place, (this.#connections.get(place) ?? 0) + 1)
    return undefined
  }

  /** Removes a connection of `ip` from the counts. */
  leave(ip: string): void {
    for (const { place } of this.#places(ip)) {
      const left = this.#connections.get(place)! - 1
      if (left === 0) this.#connections.delete(place)
      else this.#connections.set(place, left)
    }
  }

  #places(
    ip: string
  ): readonly { place: string; most: number; refusal: 'host-full' | 'network-full' }[] {
    const { connectionsPerHost, connectionsPerLoopbackHost, connectionsPerNetwork } = this.#limits
    const host = {
      place: hostPlace(ip),
      most: isLoopback(ip) ? connectionsPerLoopbackHost : connectionsPerHost,
      refusal: 'host-full'
    } as const
    if (isLoopback(ip) || PRIVATE.check(ip, ip.includes(':') ? 'ipv6' : 'ipv4')) return [host]
    return [
      host,
      {
        place: `network ${networkPrefix(ip)}`,
        most: connectionsPerNetwork,
        refusal: 'network-full'
      }
    ]
  }
}

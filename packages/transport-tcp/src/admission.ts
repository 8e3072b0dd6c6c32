/**
 * Limits the connections without a message from one host, and from one network of hosts. Connections with messages are not
 * counted, because many nodes may share one address.
 */

import { BlockList } from 'node:net'
import { ofLargestHost } from '@rumormill/stream-transport'
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

/** The limit that one more connection would exceed, and the connection to close for it: the oldest of the host with the most. */
interface Full<Entry> {
  readonly refusal: 'host-full' | 'network-full'
  readonly oldest: Entry
}

export class Admission<Entry extends { readonly remoteIp: string }> {
  readonly #limits: AdmissionLimits
  /** The connections of each place, oldest first. */
  readonly #places = new Map<string, Set<Entry>>()

  constructor(limits: AdmissionLimits) {
    this.#limits = limits
  }

  /** Counts `entry`, whose `remoteIp` must be in canonical form, unless a limit is reached. */
  enter(entry: Entry): Full<Entry> | undefined {
    const places = this.#placesOf(entry.remoteIp)
    for (const { place, most, refusal } of places) {
      const entries = this.#places.get(place)
      if (entries === undefined || entries.size < most) continue
      const crowd = ofLargestHost([...entries], ({ remoteIp }) => hostPlace(remoteIp))
      return { refusal, oldest: crowd[0]! }
    }
    for (const { place } of places)
      this.#places.set(place, (this.#places.get(place) ?? new Set()).add(entry))
    return undefined
  }

  /** Stops counting `entry`. Idempotent. */
  leave(entry: Entry): void {
    for (const { place } of this.#placesOf(entry.remoteIp)) {
      const entries = this.#places.get(place)
      entries?.delete(entry)
      if (entries?.size === 0) this.#places.delete(place)
    }
  }

  #placesOf(
    ip: string
  ): readonly { place: string; most: number; refusal: Full<Entry>['refusal'] }[] {
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

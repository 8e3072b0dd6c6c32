/** Addresses of this transport: multiaddrs that end in the peer id, such as `/ip4/10.0.0.5/tcp/9000/p2p/12D3Koo...`. */

import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { GossipError, isAddress, type Address } from '@rumormill/protocol/plugin'
import { ipv6Host, mappedIpv4 } from '@rumormill/stream-transport'

/** A parsed address. */
export interface PeerAddress {
  readonly address: Address
  readonly multiaddr: Multiaddr
  /** The text of the peer id. */
  readonly peer: string
}

/** Parses an address. Throws INVALID_ADDRESS when it is not a multiaddr, or does not end in a peer id. */
export function parseAddress(text: string): PeerAddress {
  let parsed: Multiaddr
  try {
    parsed = multiaddr(text)
  } catch (cause) {
    throw invalid(text, (cause as Error).message, cause)
  }
  const last = parsed.getComponents().at(-1)
  if (last?.name !== 'p2p' || last.value === undefined)
    throw invalid(text, 'it does not end in /p2p/ and a peer id')
  if (!isAddress(text)) throw invalid(text, 'it is longer than 256 bytes')
  return { address: text, multiaddr: parsed, peer: last.value }
}

/** Returns whether peers could dial the address: not with `0.0.0.0` or `::`. */
export function isDialable(address: Multiaddr): boolean {
  return !address.getComponents().some(({ value }) => value === '0.0.0.0' || value === '::')
}

/** Returns whether `address` is a loopback address. */
export function isLoopback(address: Multiaddr): boolean {
  const { name, value } = hostPart(address)
  return (name === 'ip4' && value.startsWith('127.')) || (name === 'ip6' && value === '::1')
}

/** Returns the host that limits count: an IPv4 address, a /64 of IPv6, `/dns4/` and a name, or the host of the relay. */
export function hostOf(address: Multiaddr): string {
  const { name, value } = hostPart(address)
  if (isName(name)) return `/${name}/${value}`
  return name === 'ip6' ? ipv6Host(value) : value
}

/**
 * Returns the host as dials count it. A name counts with its port, because it proves nothing of its other ports: its owner can
 * point it elsewhere once a member has answered there.
 */
export function dialledHost(address: Multiaddr): string {
  const host = hostOf(address)
  return isName(hostPart(address).name) ? `${host}${portPart(address)}` : host
}

/**
 * Returns the group of hosts that share the rate of dials until a member has answered: all host names are one group, because
 * any number of names may lead to one host.
 */
export function crowdOf(host: string): string {
  return host.startsWith('/dns') ? '/dns' : host
}

/**
 * Returns the first component, which names the host. The zone of IPv6 is left out, as most addresses lead to the same host
 * without it, and IPv4 inside IPv6 is unwrapped: else one host would count as two.
 */
function hostPart(address: Multiaddr): { name: string; value: string } {
  const { name, value = '' } = address.getComponents().find((part) => part.name !== 'ip6zone') ?? {
    name: ''
  }
  const ipv4 = name === 'ip6' ? mappedIpv4(value) : undefined
  return ipv4 === undefined ? { name, value } : { name: 'ip4', value: ipv4 }
}

/** `/tcp/9000`, or nothing where the address has no port. */
function portPart(address: Multiaddr): string {
  const port = address.getComponents().find(({ name }) => name === 'tcp' || name === 'udp')
  return port === undefined ? '' : `/${port.name}/${port.value}`
}

function isName(component: string): boolean {
  return component.startsWith('dns')
}

/** Returns whether `advertised` and `remote` have the same host; always false for relayed addresses. */
export function isSameHost(advertised: Multiaddr, remote: Multiaddr): boolean {
  const isRelayed = [advertised, remote].some((each) =>
    each.getComponents().some(({ name }) => name === 'p2p-circuit')
  )
  const [one, other] = [hostPart(advertised), hostPart(remote)]
  return !isRelayed && one.name === other.name && one.value === other.value
}

/** Returns whether a dial of `address` may have reached `remote`: a host name may resolve to any address. */
export function mayBe(address: Multiaddr, remote: Multiaddr): boolean {
  return isName(hostPart(address).name) || isSameHost(address, remote)
}

function invalid(text: string, why: string, cause?: unknown): GossipError {
  return new GossipError(
    'INVALID_ADDRESS',
    `${JSON.stringify(text)} is not an address of this transport: ${why}`,
    { cause }
  )
}

/** Addresses: multiaddrs that end in the id of their node, `/ip4/10.0.0.5/tcp/9000/p2p/12D3Koo...`. */

import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { GossipError, isAddress, type Address } from '@rumormill/protocol'
import { ipv6Host, mappedIpv4 } from '@rumormill/stream-transport'

/** An address, taken apart. */
export interface PeerAddress {
  readonly address: Address
  readonly multiaddr: Multiaddr
  /** The text of the peer id. */
  readonly peer: string
}

/** Takes `text` apart. Throws INVALID_ADDRESS when it is no multiaddr, or does not end in a peer id. */
export function parseAddress(text: string): PeerAddress {
  let parsed: Multiaddr
  try {
    parsed = multiaddr(text)
  } catch (cause) {
    throw invalid(text, (cause as Error).message, cause)
  }
  const last = parsed.getComponents().at(-1)
  if (last?.name !== 'p2p' || last.value === undefined)
    throw invalid(text, 'it does not end in /p2p/ and the id of a node')
  if (!isAddress(text)) throw invalid(text, 'it is longer than 256 bytes')
  return { address: text, multiaddr: parsed, peer: last.value }
}

/** Whether somebody else could dial it: not `0.0.0.0` or `::`, which only the node itself understands. */
export function isDialable(address: Multiaddr): boolean {
  return !address.getComponents().some(({ value }) => value === '0.0.0.0' || value === '::')
}

/** Whether `address` never leaves its machine. */
export function isLoopback(address: Multiaddr): boolean {
  const { name, value } = hostPart(address)
  return (name === 'ip4' && value.startsWith('127.')) || (name === 'ip6' && value === '::1')
}

/** The host as limits count it: an IPv4 address, a /64 network of IPv6, `/dns4/` and a name; of a relayed address that of the relay. */
export function hostOf(address: Multiaddr): string {
  const { name, value } = hostPart(address)
  if (isName(name)) return `/${name}/${value}`
  return name === 'ip6' ? ipv6Host(value) : value
}

/**
 * Returns the host as dials count it. A name proves nothing of its other ports: whoever owns it can point it elsewhere once a
 * member has answered there, so it counts with its port.
 */
export function dialledHost(address: Multiaddr): string {
  const host = hostOf(address)
  return isName(hostPart(address).name) ? `${host}${portPart(address)}` : host
}

/** Returns which hosts are dialled as one until a member has answered: anybody can make any number of names for one host. */
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

/** Whether `advertised` is on the very host that a connection comes from, by its `remote` address; relayed ones are on none. */
export function isSameHost(advertised: Multiaddr, remote: Multiaddr): boolean {
  const isRelayed = [advertised, remote].some((each) =>
    each.getComponents().some(({ name }) => name === 'p2p-circuit')
  )
  const [one, other] = [hostPart(advertised), hostPart(remote)]
  return !isRelayed && one.name === other.name && one.value === other.value
}

/** Whether a dial of `address` may have led to `remote`: a name may stand for any host. */
export function mayBe(address: Multiaddr, remote: Multiaddr): boolean {
  return isName(hostPart(address).name) || isSameHost(address, remote)
}

function invalid(text: string, why: string, cause?: unknown): GossipError {
  return new GossipError(
    'INVALID_ADDRESS',
    `${JSON.stringify(text)} is no address of this transport: ${why}`,
    { cause }
  )
}

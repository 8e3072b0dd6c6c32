/** Addresses: multiaddrs that end in the id of their node, `/ip4/10.0.0.5/tcp/9000/p2p/12D3Koo...`. */

import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { GossipError, isAddress, type Address } from '@rumormill/protocol'
import { ipv6Host } from '@rumormill/stream-transport'

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

/** With which hosts one is dialled in turn until a member has answered there: anybody can make any number of names for one host. */
export function crowdOf(host: string): string {
  return host.startsWith('/dns') ? '/dns' : host
}

/** What it begins with; the zone of IPv6 is passed over, as it changes nothing of where most addresses lead. */
function hostPart(address: Multiaddr): { name: string; value: string } {
  const { name, value = '' } = address.getComponents().find((part) => part.name !== 'ip6zone') ?? {
    name: ''
  }
  return { name, value }
}

function isName(component: string): boolean {
  return component.startsWith('dns')
}

/** Whether `advertised` is on the very host that a connection comes from, by its `remote` address; relayed ones are on none. */
export function isSameHost(advertised: Multiaddr, remote: Multiaddr): boolean {
  const [one, other] = [advertised, remote].map((each) => each.getComponents())
  const isRelayed = [...one!, ...other!].some(({ name }) => name === 'p2p-circuit')
  return !isRelayed && one![0]?.name === other![0]?.name && one![0]?.value === other![0]?.value
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

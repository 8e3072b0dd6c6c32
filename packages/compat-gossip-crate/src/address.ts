/** The addresses of the crate: an IP address and a port, in the format of Rust. */

import { isIPv4, isIPv6 } from 'node:net'

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** Parses an address; `undefined` for anything that the crate could not parse. */
export function parseAddress(address: string): HostAndPort | undefined {
  const [, v6, v4, digits] = /^(?:\[([^\]]+)\]|([^:]+)):([1-9]\d{0,4})$/.exec(address) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65_535) return undefined
  if (v6 !== undefined) return isIPv6(v6) ? { host: v6, port } : undefined
  return isIPv4(v4!) ? { host: v4!, port } : undefined
}

export function formatAddress({ host, port }: HostAndPort): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

/** Returns whether both are the same host; a dual-stack socket reports IPv4 addresses inside IPv6. */
export function isSameHost(one: string, other: string): boolean {
  return plain(one) === plain(other)
}

/** Returns the part of an address that limits per host count: an IPv4 address, the first 64 bits of IPv6. */
export function networkOf(host: string): string {
  const address = plain(host)
  if (!isIPv6(address)) return address
  const [head, tail] = address.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const zeros = tail === undefined ? 0 : 8 - head!.length - tail.length
  return [...head!, ...Array<string>(zeros).fill('0'), ...(tail ?? [])].slice(0, 4).join(':')
}

/** Returns the canonical form of a host, without a zone. */
function plain(host: string): string {
  const address = host
    .toLowerCase()
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/, '')
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}

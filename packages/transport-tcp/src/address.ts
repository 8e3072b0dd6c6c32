/** Addresses of this transport: `host:port` or `[ipv6]:port`; host names are allowed. Nothing is looked up here. */

import { isIP, isIPv4, isIPv6, SocketAddress } from 'node:net'
import { GossipError, isAddress, type Address } from '@rumormill/protocol/plugin'
import { ipv6Host, ipv6Prefix } from '@rumormill/stream-transport'

/** The host and port of a socket. */
export interface Endpoint {
  /** In canonical form: lower case; IPv6 compressed, without brackets. */
  readonly host: string
  /** 1 to 65535. */
  readonly port: number
}

/** Parses an address. Throws INVALID_ADDRESS for anything that cannot be dialled. */
export function parseAddress(text: Address): Endpoint {
  const parts = isAddress(text) ? /^(?:\[([^[\]]+)\]|([^[\]:]+)):([1-9]\d{0,4})$/.exec(text) : null
  const host = parts?.[1] === undefined ? canonicalHost(parts?.[2] ?? '') : canonicalIpv6(parts[1])
  const port = Number(parts?.[3])
  if (host === undefined || !(port <= 65_535)) {
    throw new GossipError(
      'INVALID_ADDRESS',
      `${quote(text)} is not host:port or [ipv6]:port with a port from 1 to 65535`
    )
  }
  if (isUnspecified(host)) {
    throw new GossipError(
      'INVALID_ADDRESS',
      `${quote(text)} stands for all addresses of a machine and cannot be dialled`
    )
  }
  return { host, port }
}

/** Returns the canonical address of an endpoint; the inverse of {@link parseAddress}. */
export function formatAddress({ host, port }: Endpoint): Address {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

/** Returns `host` in canonical form; `undefined` when it is neither an IP address nor a host name. */
export function canonicalHost(host: string): string | undefined {
  if (isIPv4(host)) return host
  return host.includes(':') ? canonicalIpv6(host) : canonicalName(host)
}

/** Returns whether `host` is `0.0.0.0` or `::`. */
export function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/** Returns whether `ip`, in canonical form, is a loopback address. */
export function isLoopback(ip: string): boolean {
  return ip === '::1' || ip.startsWith('127.')
}

/** Returns the canonical form of an IP address that a socket reports: IPv4 inside IPv6 unwrapped, without a zone. */
export function canonicalIp(ip: string): string {
  const plain = isIPv4(ip) ? ip : (canonicalIpv6(ip.replace(/%.*$/, '')) ?? ip)
  return plain.startsWith('::ffff:') && isIP(plain.slice(7)) === 4 ? plain.slice(7) : plain
}

/**
 * Returns the part of an IP address that limits per host count: all of IPv4, the first 64 bits of IPv6, because the owner of
 * one address usually owns its whole /64.
 */
export function hostPrefix(ip: string): string {
  const plain = canonicalIp(ip)
  return isIPv6(plain) ? ipv6Host(plain) : plain
}

/** Returns the part of an IP address that limits per network count: a /24 of IPv4, a /48 of IPv6. */
export function networkPrefix(ip: string): string {
  return isIPv6(ip) ? ipv6Prefix(ip, 3) : ip.slice(0, ip.lastIndexOf('.'))
}

/** Refuses zones: `fe80::1%eth0` means something else on every machine, so peers cannot use it. */
function canonicalIpv6(host: string): string | undefined {
  return isIPv6(host) && !host.includes('%')
    ? new SocketAddress({ address: host, family: 'ipv6' }).address
    : undefined
}

/**
 * Accepts names of RFC 1123, and the underscore that container networks use. As in URLs, the last label must not be a
 * number: resolvers read `127.1` and `0x7f.1` as IPv4 addresses.
 */
function canonicalName(host: string): string | undefined {
  const name = host.toLowerCase()
  const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
  if (name.length > 250 || !new RegExp(`^(?:${label}\\.)*${label}\\.?$`).test(name))
    return undefined
  return /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/.test(name) ? undefined : name
}

/** Shortens and escapes text from peers, so that it cannot garble a log. */
function quote(text: unknown): string {
  return JSON.stringify(
    typeof text === 'string' && text.length > 80 ? `${text.slice(0, 80)}...` : text
  )
}

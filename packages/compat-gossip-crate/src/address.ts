/** The crate's addresses: an IP address and a port, written as Rust writes them. */

import { isIPv4, isIPv6 } from 'node:net'

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** `undefined` for what the crate could not parse. */
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

/** Whether both name the same host; a socket for both families writes IPv4 in the IPv6 way. */
export function isSameHost(one: string, other: string): boolean {
  return plain(one) === plain(other)
}

/** What one owner is taken to hold: one address of IPv4, the first 64 bits of IPv6. */
export function networkOf(host: string): string {
  const address = plain(host)
  if (!isIPv6(address)) return address
  const [head, tail] = address.split('::').map((part) => (part === '' ? [] : part.split(':')))
  const zeros = tail === undefined ? 0 : 8 - head!.length - tail.length
  return [...head!, ...Array<string>(zeros).fill('0'), ...(tail ?? [])].slice(0, 4).join(':')
}

/** One way to write it; a zone says only by which link it came. */
function plain(host: string): string {
  const address = host
    .toLowerCase()
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/, '')
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}

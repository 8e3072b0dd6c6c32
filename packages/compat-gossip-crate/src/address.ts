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

function plain(host: string): string {
  const v4 = host.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '')
  return isIPv6(v4) ? new URL(`http://[${v4}]`).hostname : v4
}

/** Prefixes of IPv6 addresses, for limits by host and by network. */

/** Returns the first `groups` groups of a compressed IPv6 address, written out. */
export function ipv6Prefix(ip: string, groups: number): string {
  const [head = '', tail] = ip.split('::')
  const first = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - first.length - after.length
  return [...first, ...Array<string>(zeros).fill('0'), ...after].slice(0, groups).join(':')
}

/**
 * Returns the host of `ip` for limits: its /64, which usually has one owner. Loopback and translated IPv4 addresses, whose
 * /64 is all zeros, are returned whole.
 */
export function ipv6Host(ip: string): string {
  const prefix = ipv6Prefix(ip, 4)
  return prefix === '0:0:0:0' ? ip : prefix
}

/** Returns the IPv4 address inside a compressed IPv6 address such as `::ffff:a00:5`, or `undefined` when there is none. */
export function mappedIpv4(ip: string): string | undefined {
  const groups = ipv6Prefix(ip, 8).split(':')
  if (groups.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return undefined
  const words = groups.slice(6).map((group) => Number.parseInt(group, 16))
  return words.flatMap((word) => [word >> 8, word & 255]).join('.')
}

/**
 * The first `groups` of a compressed IPv6 address, written out. Whoever has one address of a /64 has them all, so limits for a
 * host count by the first four groups.
 */
export function ipv6Prefix(ip: string, groups: number): string {
  const [head = '', tail] = ip.split('::')
  const first = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - first.length - after.length
  return [...first, ...Array<string>(zeros).fill('0'), ...after].slice(0, groups).join(':')
}

/** The host as limits count it. Of loopback and translated addresses the network says nothing of who has them. */
export function ipv6Host(ip: string): string {
  const prefix = ipv6Prefix(ip, 4)
  return prefix === '0:0:0:0' ? ip : prefix
}

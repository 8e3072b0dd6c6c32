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

/** Returns the IPv4 address inside `::ffff:10.0.0.5`, in either spelling, or `undefined` when there is none. */
export function mappedIpv4(ip: string): string | undefined {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(ip)
  const hex = (high: number, low: number): string =>
    (256 * Number(dotted![high]) + Number(dotted![low])).toString(16)
  const text = dotted === null ? ip : `${dotted[1]}${hex(2, 3)}:${hex(4, 5)}`
  const groups = ipv6Prefix(text, 8).split(':')
  const [prefix, tail] = [groups.slice(0, 6), groups.slice(6)]
  if (prefix.map((group) => Number(`0x${group}`)).join(':') !== '0:0:0:0:0:65535') return undefined
  return tail.flatMap((group) => [Number(`0x${group}`) >> 8, Number(`0x${group}`) & 255]).join('.')
}

/** Network namespaces on a bridge whose ports can be disconnected or slowed down. Needs root, `ip` and `tc`. */

import { execFileSync } from 'node:child_process'
import { aim, ip, type Site } from './namespaces.ts'

/** The burst of a slow line, and the longest time that bytes may queue before it drops them. */
const BURST = '16kb'
const QUEUE = '400ms'

let created = 0

export class SwitchedSites implements Disposable {
  readonly sites: readonly Site[]
  readonly #bridge: string

  /** Creates `count` sites; returns undefined where namespaces cannot be created. */
  static create(count: number): SwitchedSites | undefined {
    const sites = new SwitchedSites(count)
    try {
      sites.#connect()
      return sites
    } catch {
      sites[Symbol.dispose]()
      return undefined
    }
  }

  private constructor(count: number) {
    const name = `rumormill-${process.pid}-${created++}`
    this.#bridge = `${name}-bridge`
    this.sites = Array.from({ length: count }, (_, index) => ({
      namespace: `${name}-${index}`,
      host: `10.77.0.${index + 1}`,
      device: 'eth0',
      mac: `02:00:00:00:01:0${index + 1}`
    }))
  }

  /**
   * Disconnects the port of a site. Everything sent in either direction is lost without any sign: the devices stay up, there is
   * no reset, and hardware addresses stay cached, so the system never reports an unreachable host.
   */
  cut(index: number): void {
    this.#bridged('link', 'set', portOf(index), 'nomaster')
  }

  heal(index: number): void {
    this.#bridged('link', 'set', portOf(index), 'master', 'bridge')
  }

  /** Limits the port of a site to `kbits` kbit/s in each direction. Returns whether this system supports that. */
  slow(index: number, kbits: number): boolean {
    const { namespace, device } = this.sites[index]!
    try {
      for (const [place, port] of [
        [namespace, device],
        [this.#bridge, portOf(index)]
      ] as const)
        limit(place, port, kbits)
      return true
    } catch {
      return false
    }
  }

  /** Returns the bytes that the port of a site has forwarded to it. */
  receivedBytes(index: number): number {
    const { namespace, device } = this.sites[index]!
    const file = `/sys/class/net/${device}/statistics/rx_bytes`
    return Number(execFileSync('ip', ['netns', 'exec', namespace, 'cat', file]))
  }

  [Symbol.dispose](): void {
    for (const namespace of [this.#bridge, ...this.sites.map((site) => site.namespace)]) {
      try {
        ip('netns', 'del', namespace)
      } catch {
        // The namespace does not exist.
      }
    }
  }

  #connect(): void {
    ip('netns', 'add', this.#bridge)
    this.#bridged('link', 'add', 'bridge', 'type', 'bridge')
    this.#bridged('link', 'set', 'bridge', 'up')
    this.sites.forEach((site, index) => this.#plug(site, index))
    for (const site of this.sites)
      for (const other of this.sites) if (other !== site) aim(site, other.host, other.mac)
  }

  #plug({ namespace, host, device, mac }: Site, index: number): void {
    const port = portOf(index)
    ip('netns', 'add', namespace)
    const peer = ['peer', 'name', port, 'netns', this.#bridge]
    ip('-n', namespace, 'link', 'add', device, 'address', mac, 'type', 'veth', ...peer)
    ip('-n', namespace, 'address', 'add', `${host}/24`, 'dev', device)
    ip('-n', namespace, 'link', 'set', device, 'up')
    ip('-n', namespace, 'link', 'set', 'lo', 'up')
    this.heal(index)
    this.#bridged('link', 'set', port, 'up')
  }

  #bridged(...words: readonly string[]): void {
    ip('-n', this.#bridge, ...words)
  }
}

function portOf(index: number): string {
  return `port-${index}`
}

function limit(namespace: string, device: string, kbits: number): void {
  const shape = ['tbf', 'rate', `${kbits}kbit`, 'burst', BURST, 'latency', QUEUE]
  const words = ['-n', namespace, 'qdisc', 'replace', 'dev', device, 'root', ...shape]
  execFileSync('tc', words, { stdio: 'ignore' })
}

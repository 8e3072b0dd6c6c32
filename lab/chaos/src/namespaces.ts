/** Two network namespaces with a link that can drop everything silently. Needs root and `ip`. */

import { execFileSync } from 'node:child_process'

/** A network namespace with its device and address. */
export interface Site {
  readonly namespace: string
  readonly host: string
  readonly device: string
  readonly mac: string
}

/** A hardware address that no device has: frames to it are dropped. */
const NOWHERE = '02:00:00:00:00:99'

export class Namespaces implements Disposable {
  readonly near: Site = site('near', 1)
  readonly far: Site = site('far', 2)

  /** Creates the namespaces; returns undefined where that is not possible. */
  static create(): Namespaces | undefined {
    const pair = new Namespaces()
    try {
      pair.#connect()
      return pair
    } catch {
      pair[Symbol.dispose]()
      return undefined
    }
  }

  /** Drops everything in both directions without any sign. */
  cut(): void {
    aim(this.near, this.far.host, NOWHERE)
    aim(this.far, this.near.host, NOWHERE)
  }

  heal(): void {
    aim(this.near, this.far.host, this.far.mac)
    aim(this.far, this.near.host, this.near.mac)
  }

  [Symbol.dispose](): void {
    for (const { namespace } of [this.near, this.far]) {
      try {
        ip('netns', 'del', namespace)
      } catch {
        // The namespace does not exist.
      }
    }
  }

  #connect(): void {
    const { near, far } = this
    for (const { namespace } of [near, far]) ip('netns', 'add', namespace)
    ip(
      '-n',
      near.namespace,
      'link',
      'add',
      near.device,
      'address',
      near.mac,
      'type',
      'veth',
      'peer',
      'name',
      far.device,
      'address',
      far.mac,
      'netns',
      far.namespace
    )
    for (const { namespace, device, host } of [near, far]) {
      ip('-n', namespace, 'address', 'add', `${host}/24`, 'dev', device)
      ip('-n', namespace, 'link', 'set', device, 'up')
      ip('-n', namespace, 'link', 'set', 'lo', 'up')
    }
    this.heal()
  }
}

function site(side: string, number: number): Site {
  return {
    namespace: `rumormill-${side}-${process.pid}`,
    host: `10.77.0.${number}`,
    device: `veth-${side}`,
    mac: `02:00:00:00:00:0${number}`
  }
}

/** Sets the hardware address to which `from` sends packets for `host`. */
export function aim({ namespace, device }: Site, host: string, mac: string): void {
  ip('-n', namespace, 'neigh', 'replace', host, 'lladdr', mac, 'dev', device, 'nud', 'permanent')
}

export function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: 'ignore' })
}

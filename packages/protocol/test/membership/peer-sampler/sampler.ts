/** Small peer samplers, and short words for what they know and send. */

import type { MembershipConfig } from '../../../src/membership/config.ts'
import { PeerSampler } from '../../../src/membership/peer-sampler.ts'
import type { Send } from '../../../src/model/message.ts'
import { createRng } from '../../../src/model/random.ts'

export const config: MembershipConfig = {
  push: true,
  pull: true,
  selection: 'rand',
  viewSize: 6,
  healing: 1,
  swapping: 2,
  exchangeSize: 2,
  periodMs: 1000,
  jitter: 0,
  maxFailedSends: 2,
  maxPastPeers: 4,
  hardened: false
}

export function sampler(changes: Partial<MembershipConfig> = {}, seed = 1): PeerSampler {
  return new PeerSampler('me', { ...config, ...changes }, createRng(seed), 0)
}

/** Returns a sampler that has received a view of these from the first: their ages are 1, 2, 2, ... */
export function knowing(addresses: string[], changes: Partial<MembershipConfig> = {}): PeerSampler {
  const node = sampler(changes)
  node.receive(0, addresses[0]!, {
    kind: 'view-request',
    view: addresses.map((address) => ({ address, age: 0 }))
  })
  return node
}

/** A sampler to which each of these has just spoken. */
export function meeting(addresses: string[], changes: Partial<MembershipConfig> = {}): PeerSampler {
  const node = sampler(changes)
  for (const address of addresses)
    node.receive(0, address, { kind: 'view-request', view: tellOf([address, 0]) })
  return node
}

export const addresses = (from: PeerSampler): string[] =>
  from
    .peers()
    .map(({ address }) => address)
    .sort()
export const sends = (effects: readonly { kind: string }[]): Send[] =>
  effects.filter((each) => each.kind === 'send') as Send[]
export const tellOf = (...entries: [string, number][]): { address: string; age: number }[] =>
  entries.map(([address, age]) => ({ address, age }))

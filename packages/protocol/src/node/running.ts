/** Creates the parts of a running node: the engine and the peer finder. They need the address that the transport returned. */

import { Engine } from '../engine/engine.ts'
import type { GossipError } from '../model/errors.ts'
import type { Address } from '../model/peer.ts'
import type { HashFunction } from '../model/update.ts'
import type { GossipConfig } from '../options/options.ts'
import { warnOnce } from '../options/system.ts'
import type { Persistence } from '../persistence/persistence.ts'
import type { GossipEvent } from '../ports/observer.ts'
import { authorization } from './authorization.ts'
import { PeerFinder } from './peer-finder.ts'

/** The warning for unnamed groups: two applications become one group as soon as one gets an address of the other. */
const UNNAMED =
  "rumormill: other hosts can reach this node, and its group has no name of its own. Set the option `network`, or nodes of any other application that leaves it at 'default' may join"

export interface Running {
  readonly address: Address
  readonly engine: Engine
  readonly finder: PeerFinder
}

/** Callbacks of the parts. */
export interface RunningOwner {
  observe(event: GossipEvent): void
  failed(error: GossipError, peer?: Address): void
  /** Returns how many more updates the handler can take. */
  freeSlots(): number
  /** Is called with addresses from the peer source. */
  found(addresses: readonly Address[]): void
}

export function createRunning(
  config: GossipConfig,
  address: Address,
  hash: HashFunction,
  persistence: Persistence,
  owner: RunningOwner
): Running {
  const { membership, store, antiEntropy, broadcast, reputation } = config
  const { authorize, rng, clock } = config
  if (config.transport.reachable === true && !config.isNamed) warnOnce(UNNAMED)
  const engine = new Engine({
    self: address,
    label: config.protocol,
    membership,
    store,
    fetch: config.fetch,
    antiEntropy,
    broadcast,
    reputation,
    validates: config.validate !== undefined,
    freeSlots: () => owner.freeSlots(),
    hash,
    rng,
    nowMs: clock.now(),
    journal: persistence.journal,
    ...(authorize === undefined
      ? {}
      : { authorize: authorization(authorize, (error, peer) => owner.failed(error, peer)) })
  })
  const finder = new PeerFinder({
    source: config.peerSource,
    config: config.peerFinding,
    membership,
    clock,
    rng: rng.fork(),
    observe: (event) => owner.observe(event),
    self: address,
    found: (addresses) => owner.found(addresses)
  })
  return { address, engine, finder }
}

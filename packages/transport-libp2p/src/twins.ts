/** Detects two running nodes with one key: see `Twins`. Both can prove it, so the one that connected first is accepted. */

import { GossipError, type Address } from '@rumormill/protocol/plugin'
import { Twins, type Claimant, type ReportedPeers } from '@rumormill/stream-transport'

/** A stream of `peer`, an authenticated id. */
export interface PeerStream extends Claimant {
  readonly peer: string
  readonly remoteHost: string
}

/** The parts of the transport that {@link StreamTwins} uses. */
interface StreamTwinsShare<S extends PeerStream> {
  /** Streams of peers. */
  readonly ins: ReadonlySet<S>
  readonly silentMs: number
  readonly mismatched: ReportedPeers
  refused(): void
  fail(error: GossipError): void
}

export class StreamTwins<S extends PeerStream> extends Twins<S> {
  readonly #mine: StreamTwinsShare<S>
  /** The stream on which messages arrived last, by peer. */
  readonly #leading = new Map<string, S>()

  constructor(share: StreamTwinsShare<S>) {
    super({
      all: share.ins,
      silentMs: share.silentMs,
      mismatched: share.mismatched,
      identityOf: ({ peer }) => peer,
      hostOf: ({ remoteHost }) => remoteHost,
      inUse: (peer, more) => inUse(peer, more),
      refused: () => share.refused(),
      fail: (error) => share.fail(error)
    })
    this.#mine = share
  }

  /** Returns the error for a hello whose key another running node has, if there is one, and reports it once. */
  newcomer({ peer, incarnation, remoteHost }: S): GossipError | undefined {
    const error = this.objection(peer, incarnation, remoteHost)
    if (error === undefined) return undefined
    this.#mine.refused()
    if (this.#mine.mismatched.add(`${peer} twice`)) this.#mine.fail(error)
    return error
  }

  /** Notes that messages arrived on `stream`. */
  spoke(stream: S): void {
    const before = this.#leading.get(stream.peer)
    if (before === stream) return
    if (before !== undefined) this.met(before, stream)
    if (stream.state === 'open') this.#leading.set(stream.peer, stream)
  }

  ended(stream: S): void {
    if (this.#leading.get(stream.peer) === stream) this.#leading.delete(stream.peer)
  }

  /** Reports that `peer` has seen another node with `self`, the id of this one. */
  contested(self: string, peer: Address): void {
    if (!this.#mine.mismatched.add(`${self} twice`)) return
    const remedy = 'give each node its own key'
    this.#mine.fail(inUse(self, `${peer} is connected to both: ${remedy}`))
  }
}

function inUse(peer: string, more: string): GossipError {
  return new GossipError(
    'INVALID_ADDRESS',
    `another running node has the key of ${peer}, too; ${more}`
  )
}

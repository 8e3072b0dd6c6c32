/** Two living nodes that have one key: see `Twins`. Either can prove it, so that who was there first stays. */

import { GossipError, type Address } from '@rumormill/protocol'
import { Twins, type Claimant, type ReportedPeers } from '@rumormill/stream-transport'

/** A stream of `peer`, by its proven id. */
export interface PeerStream extends Claimant {
  readonly peer: string
  readonly remoteHost: string
}

/** What they need of the transport. */
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
  /** By peer: the stream on which messages came last. */
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

  /** Why a stream that says hello is not accepted, if so. Told once. */
  newcomer({ peer, incarnation, remoteHost }: S): GossipError | undefined {
    const error = this.objection(peer, incarnation, remoteHost)
    if (error === undefined) return undefined
    this.#mine.refused()
    if (this.#mine.mismatched.add(`${peer} twice`)) this.#mine.fail(error)
    return error
  }

  /** Messages came on `stream`. */
  spoke(stream: S): void {
    const before = this.#leading.get(stream.peer)
    if (before === stream) return
    if (before !== undefined) this.met(before, stream)
    if (stream.state === 'open') this.#leading.set(stream.peer, stream)
  }

  ended(stream: S): void {
    if (this.#leading.get(stream.peer) === stream) this.#leading.delete(stream.peer)
  }

  /** `peer` says so of this node, whose id is `self`. */
  contested(self: string, peer: Address): void {
    if (!this.#mine.mismatched.add(`${self} twice`)) return
    const cure = 'give each a key of its own'
    this.#mine.fail(inUse(self, `${peer} has heard of both: ${cure}`))
  }
}

function inUse(peer: string, more: string): GossipError {
  return new GossipError(
    'INVALID_ADDRESS',
    `another living node has the key of ${peer}, too; ${more}`
  )
}

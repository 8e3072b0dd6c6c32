/** The judgement on a peer's hello, the same for both ends, and the words for it. */
import { GossipError, type Address } from '@rumormill/protocol'
import { encodeHello, type Hello, type Verdict } from './hello.ts'

/** Who this node is. */
export interface Identity {
  readonly label: string
  readonly address: Address
}

/** This node's hello. */
export function helloOf(self: Identity, verdict: Verdict = 'welcome'): Uint8Array {
  return encodeHello({ verdict, label: self.label, address: self.address })
}

/** Why the hello of a dialled peer does not let messages flow, if so. */
export function objection(hello: Hello, self: Identity, dialled: Address): GossipError | undefined {
  if (hello.label !== self.label || hello.verdict === 'other-protocol')
    return mismatch(hello.label, self.label, dialled)
  if (hello.address === self.address) {
    return new GossipError(
      'INVALID_ADDRESS',
      `${dialled} is this node itself, or another one that advertises its address`
    )
  }
  if (hello.verdict === 'address-refused') {
    const why = `${dialled} does not believe that this node is ${self.address}, because it connects from another host`
    return new GossipError(
      'INVALID_ADDRESS',
      `${why}: set advertise here, or trustAdvertisedHosts there`
    )
  }
  return hello.verdict === 'full'
    ? new GossipError('OVERLOADED', `${dialled} has no room for another peer`)
    : undefined
}

/** PROTOCOL_MISMATCH, saying in what the labels differ. */
export function mismatch(theirs: string, ours: string, peer: string): GossipError {
  const [network, codec] = [2, 3].map(
    (part) => theirs.split('/').at(part + 1) !== ours.split('/').at(part + 1)
  )
  const what =
    network === true ? 'another network name' : codec === true ? 'another codec' : 'another version'
  const labels = `the label of ${peer} is ${JSON.stringify(theirs)}, here it is ${JSON.stringify(ours)}`
  return new GossipError('PROTOCOL_MISMATCH', `${labels}: ${what}`)
}

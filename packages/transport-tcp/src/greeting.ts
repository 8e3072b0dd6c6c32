/** The judgement on a peer's hello, the same for both ends, and the words for it. */

import { GossipError, type Address } from '@rumormill/protocol'
import { mismatch } from '@rumormill/stream-transport'
import { encodeHello, type HeardHello, type Verdict, type VersionRange } from './hello.ts'

/** Who this node is. */
export interface Identity {
  readonly label: string
  readonly address: Address
  /** Of the messages that it reads. */
  readonly versions: VersionRange
  /** When it started, in milliseconds since 1970. */
  readonly incarnation: number
}

/** This node's hello. */
export function helloOf(self: Identity, verdict: Verdict = 'welcome'): Uint8Array {
  return encodeHello({ verdict, ...self })
}

/** Why the hello of a dialled peer does not let messages flow, if so. */
export function objection(
  hello: HeardHello,
  self: Identity,
  dialled: Address
): GossipError | undefined {
  if (hello.label !== self.label || hello.verdict === 'other-protocol')
    return mismatch(hello.label, self.label, dialled)
  if (hello.verdict === 'other-version' || !haveCommon(hello.versions, self.versions))
    return versionMismatch(hello.versions, self.versions, dialled)
  if (hello.address === self.address) {
    return new GossipError(
      'INVALID_ADDRESS',
      `${dialled} is this node itself, or another one that advertises its address`
    )
  }
  if (hello.verdict === 'identity-in-use')
    return inUse(
      self.address,
      `${dialled} has a connection to it: give each its own port, or advertise`
    )
  if (hello.verdict === 'address-refused') {
    const why = `${dialled} does not believe that this node is ${self.address}, because it connects from another host`
    return new GossipError(
      'INVALID_ADDRESS',
      `${why}: set advertise here, or trustAdvertisedHosts there`
    )
  }
  if (hello.verdict === 'refused') {
    const why = `${dialled} refuses this node, for a reason that this version does not know`
    return new GossipError('PROTOCOL_MISMATCH', `${why}: upgrade it to be told which`)
  }
  return hello.verdict === 'full'
    ? new GossipError('OVERLOADED', `${dialled} has no room for another peer`)
    : undefined
}

/** Two living nodes have one address. */
export function inUse(address: Address, more: string): GossipError {
  return new GossipError(
    'INVALID_ADDRESS',
    `another living node advertises ${address}, too; ${more}`
  )
}

/** Whether there is a version that both read. The highest of them is the one to use; as long as there is one, nobody asks. */
export function haveCommon(theirs: VersionRange, ours: VersionRange): boolean {
  return theirs.first <= ours.last && ours.first <= theirs.last
}

/** PROTOCOL_MISMATCH, naming both ranges. */
export function versionMismatch(
  theirs: VersionRange,
  ours: VersionRange,
  peer: string
): GossipError {
  const both = `${peer} reads messages of ${inWords(theirs)}, this node of ${inWords(ours)}`
  return new GossipError(
    'PROTOCOL_MISMATCH',
    `${both}, and no version suits both: upgrade the older of the two`
  )
}

function inWords({ first, last }: VersionRange): string {
  return first === last ? `version ${first}` : `versions ${first} to ${last}`
}

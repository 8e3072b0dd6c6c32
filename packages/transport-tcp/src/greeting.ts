/** The checks of a peer's hello that both ends share, and their errors. */

import { GossipError, type Address } from '@rumormill/protocol/plugin'
import { mismatch } from '@rumormill/stream-transport'
import { encodeHello, type ReceivedHello, type HelloStatus, type VersionRange } from './hello.ts'

/** The identity of this node, as its hello states it. */
export interface Identity {
  readonly label: string
  readonly address: Address
  /** The message versions that it reads. */
  readonly versions: VersionRange
  /** When it started, in milliseconds since 1970. */
  readonly incarnation: number
}

/** Returns the hello of this node. */
export function helloOf(self: Identity, status: HelloStatus = 'welcome'): Uint8Array {
  return encodeHello({ status, ...self })
}

/** Returns the error if the hello of a dialled peer rules out messages between it and this node. */
export function objection(
  hello: ReceivedHello,
  self: Identity,
  dialled: Address
): GossipError | undefined {
  if (hello.label !== self.label || hello.status === 'other-protocol')
    return mismatch(hello.label, self.label, dialled)
  if (hello.status === 'other-version' || !haveCommon(hello.versions, self.versions))
    return versionMismatch(hello.versions, self.versions, dialled)
  if (hello.address === self.address) {
    return new GossipError(
      'INVALID_ADDRESS',
      `${dialled} is this node itself, or another node that advertises the same address`
    )
  }
  if (hello.status === 'identity-in-use')
    return inUse(
      self.address,
      `${dialled} is connected to it: give each node its own port, or advertise`
    )
  if (hello.status === 'address-refused') {
    const why = `${dialled} refuses ${self.address} as the address of this node, which connects from another host`
    return new GossipError(
      'INVALID_ADDRESS',
      `${why}: set advertise here, or trustAdvertisedHosts there`
    )
  }
  if (hello.status === 'refused') {
    const why = `${dialled} refuses this node, for a reason that this version does not know`
    return new GossipError('PROTOCOL_MISMATCH', `${why}: upgrade it to see the reason`)
  }
  return hello.status === 'full'
    ? new GossipError('OVERLOADED', `${dialled} has no free connection for this node`)
    : undefined
}

/** Returns the error for two running nodes with one address. */
export function inUse(address: Address, more: string): GossipError {
  return new GossipError(
    'INVALID_ADDRESS',
    `another running node advertises ${address}, too; ${more}`
  )
}

/** Returns whether both read a common version; if so, the highest common one is used. */
export function haveCommon(theirs: VersionRange, ours: VersionRange): boolean {
  return theirs.first <= ours.last && ours.first <= theirs.last
}

/** Returns a PROTOCOL_MISMATCH error that names both ranges. */
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

/** Compares protocol labels such as `/rumormill/1/default/binary`: the version, the network name and the codec. */

import { GossipError } from '@rumormill/protocol/plugin'

/** Returns a PROTOCOL_MISMATCH error that says in which part the labels differ. */
export function mismatch(theirs: string, ours: string, peer: string): GossipError {
  const [network, codec] = [2, 3].map(
    (part) => theirs.split('/').at(part + 1) !== ours.split('/').at(part + 1)
  )
  const what =
    network === true ? 'another network name' : codec === true ? 'another codec' : 'another version'
  const labels = `the label of ${peer} is ${JSON.stringify(theirs)}, this node has ${JSON.stringify(ours)}`
  return new GossipError('PROTOCOL_MISMATCH', `${labels}: ${what}`)
}

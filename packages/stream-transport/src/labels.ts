/** Labels of groups, such as `/rumormill/1/default/binary`: the version, the network name and the codec. */

import { GossipError } from '@rumormill/protocol'

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

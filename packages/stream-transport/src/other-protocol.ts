/** Recognizes other protocols by their first bytes, so that an error can name the protocol of a wrong port. */

const OPENINGS: readonly (readonly [first: readonly number[], what: string])[] = [
  [[0x13, 0x2f, 0x6d, 0x75], 'the peer speaks libp2p'],
  [[0x16, 0x03], 'the peer speaks TLS'],
  ...['GET ', 'POST', 'PUT ', 'HEAD', 'OPTI', 'HTTP', 'PRI '].map(
    (text) =>
      [
        Array.from({ length: text.length }, (_, index) => text.charCodeAt(index)),
        'the peer speaks HTTP'
      ] as const
  ),
  [[0x53, 0x53, 0x48, 0x2d], 'the peer speaks SSH']
]

/** Returns which protocol begins with `bytes`, as a clause; `undefined` when it is none of the list. */
export function otherProtocol(bytes: Uint8Array): string | undefined {
  return OPENINGS.find(([first]) => first.every((byte, index) => bytes[index] === byte))?.[1]
}

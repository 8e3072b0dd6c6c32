/** A node's key in a file, so that its id stays the same from one start to the next. */

import { readFile, writeFile } from 'node:fs/promises'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { GossipError } from '@rumormill/protocol'

/** The key in `path`; a new one, written there for its owner only, when there is no such file. */
export async function keyFromFile(path: string): Promise<PrivateKey> {
  try {
    return privateKeyFromProtobuf(await readFile(path))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new GossipError(
        'INVALID_CONFIG',
        `keyFile ${path} holds no key: ${(cause as Error).message}`,
        { cause }
      )
    }
  }
  const key = await generateKeyPair('Ed25519')
  // `wx`: of two nodes that start at once with one file, the second fails instead of losing the first one's id.
  await writeFile(path, privateKeyToProtobuf(key), { mode: 0o600, flag: 'wx' })
  return key
}

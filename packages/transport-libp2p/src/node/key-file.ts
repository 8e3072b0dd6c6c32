/** Stores the private key of a node in a file, so that its peer id stays the same after a restart. */

import { readFile, writeFile } from 'node:fs/promises'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { GossipError } from '@rumormill/protocol/plugin'

/** Returns the key in `path`. If there is no such file, writes a new key to it, readable by its owner only. */
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
  // `wx`: of two nodes that start at once with one file, the second fails instead of overwriting the first one's key.
  await writeFile(path, privateKeyToProtobuf(key), { mode: 0o600, flag: 'wx' })
  return key
}

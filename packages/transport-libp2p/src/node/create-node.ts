/** A libp2p node over TCP, Noise and Yamux, for those who have none. */

import { noise } from '@chainsafe/libp2p-noise'
import type { ConnectionGater, Libp2p, PrivateKey } from '@libp2p/interface'
import { preSharedKey } from '@libp2p/pnet'
import { tcp } from '@libp2p/tcp'
import { completeOptions, GossipError, toGossipError, whole } from '@rumormill/protocol'
import { createLibp2p } from 'libp2p'
import { DEFAULT_DEADLINES } from '../config.ts'
import { Admission, DEFAULT_ADMISSION, type AdmissionLimits } from './admission.ts'
import { keyFromFile } from './key-file.ts'
import { guardedYamux } from './muxer.ts'

export interface CreateNodeOptions {
  /** Multiaddrs to listen on. Default `/ip4/127.0.0.1/tcp/0`: nothing is put on a network by surprise. */
  readonly listen?: readonly string[]
  /** What others are told to dial, when that is not where it listens: multiaddrs without the id. */
  readonly announce?: readonly string[]
  /** The key that the node's id is made from. Default: a new one, and so a new id, at each start. */
  readonly privateKey?: PrivateKey
  /** Keeps the key in this file, readable by its owner only; makes it when it is not there. */
  readonly keyFile?: string
  /** A pre-shared key, from `generatePsk`: who lacks it cannot even begin a handshake. */
  readonly psk?: Uint8Array
  /** Whom to deal with, such as `allowOnly([...])`. Default: everyone. */
  readonly gater?: ConnectionGater
  /** How many connections may come in, in all and from one host. */
  readonly admission?: Partial<AdmissionLimits>
}

/**
 * Connections a second from one host. libp2p admits 5, which would hurt a group on one machine or behind one router: of 8
 * nodes that dial one at once, 3 would see a bare reset.
 */
const CONNECTIONS_PER_SECOND = 100

/** For an inbound handshake: as long as the dialler waits for it, or a slow path would fail on one side only. */
const HANDSHAKE_MS = DEFAULT_DEADLINES.connectMs

/** Makes and starts a node; the caller stops it, after the transport. Rejects with INVALID_CONFIG or ADDRESS_UNAVAILABLE. */
export async function createNode(options: CreateNodeOptions = {}): Promise<Libp2p> {
  const { listen = ['/ip4/127.0.0.1/tcp/0'], announce = [], psk, gater } = options
  const limits = checkAdmission(options.admission)
  const admission = new Admission(limits)
  const privateKey =
    options.privateKey ??
    (options.keyFile === undefined ? undefined : await keyFromFile(options.keyFile))
  const node = await createLibp2p({
    start: false,
    addresses: { listen: [...listen], announce: [...announce] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [guardedYamux()],
    connectionManager: {
      inboundConnectionThreshold: CONNECTIONS_PER_SECOND,
      inboundUpgradeTimeout: HANDSHAKE_MS,
      // Both are kept by the admission, which makes room instead of refusing the newcomer; these are beyond its reach.
      maxIncomingPendingConnections: 2 * limits.pendingConnections,
      maxConnections: limits.connections + limits.pendingConnections
    },
    // The transport notices silence by itself; two that do it at once end a connection for two reasons.
    connectionMonitor: { enabled: false },
    connectionGater: admission.gater(gater),
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(psk === undefined ? {} : { connectionProtector: preSharedKey({ psk }) })
  })
  admission.node = node
  try {
    await node.start()
  } catch (error) {
    await node.stop()
    throw toGossipError(error, 'ADDRESS_UNAVAILABLE', `cannot listen on ${listen.join(', ')}`)
  }
  return node
}

function checkAdmission(given: Partial<AdmissionLimits> | undefined): AdmissionLimits {
  const reasons: string[] = []
  const limits = completeOptions(
    'admission',
    given,
    DEFAULT_ADMISSION,
    whole(1, 1_000_000),
    reasons
  )
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
  return limits
}

/** Creates a libp2p node over TCP, Noise and Yamux, for applications without one. */

import { noise } from '@chainsafe/libp2p-noise'
import type { ConnectionGater, Libp2p, PrivateKey } from '@libp2p/interface'
import { preSharedKey } from '@libp2p/pnet'
import { tcp } from '@libp2p/tcp'
import { completeOptions, GossipError, toGossipError, whole } from '@rumormill/protocol/plugin'
import { createLibp2p } from 'libp2p'
import { DEFAULT_DEADLINES } from '../config.ts'
import { Admission, DEFAULT_ADMISSION, type AdmissionLimits } from './admission.ts'
import { keyFromFile } from './key-file.ts'
import { guardedYamux } from './muxer.ts'

export interface CreateNodeOptions {
  /** Multiaddrs to listen on. Default `/ip4/127.0.0.1/tcp/0`, so that other machines cannot connect unless you allow it. */
  readonly listen?: readonly string[]
  /** The addresses that peers dial, if they differ from those it listens on: multiaddrs without the id. */
  readonly announce?: readonly string[]
  /** The private key, which determines the peer id. Default: a new key, and so a new id, at each start. */
  readonly privateKey?: PrivateKey
  /** A file that holds the private key, readable by its owner only. It is created when it does not exist. */
  readonly keyFile?: string
  /** A pre-shared key from `generatePsk`. Nodes without it cannot even begin a handshake. */
  readonly psk?: Uint8Array
  /** A connection gater, such as `allowOnly([...])`. Default: all peers are allowed. */
  readonly gater?: ConnectionGater
  /** Limits on inbound connections, in total and from one host. */
  readonly admission?: Partial<AdmissionLimits>
}

/**
 * Connections a second from one host. The default of libp2p, 5, is too few for a group on one machine or behind one router:
 * of 8 nodes that dial one node at once, 3 would see a bare reset. `Admission` limits those that begin a handshake; silent
 * ones cost little, and must not keep out others of their host.
 */
const CONNECTIONS_PER_SECOND = 1000

/** The deadline of an inbound handshake: the same as the dialler's, or a slow path would fail on one side only. */
const HANDSHAKE_MS = DEFAULT_DEADLINES.connectMs

/** Creates and starts a node. Stop it after the transport. Rejects with INVALID_CONFIG or ADDRESS_UNAVAILABLE. */
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
      // `Admission` enforces lower limits by closing other connections; these higher ones would refuse the newcomer.
      maxIncomingPendingConnections: 2 * limits.pendingConnections,
      maxConnections: limits.connections + limits.pendingConnections
    },
    // The transport detects silent peers itself; a second monitor would close connections for other reasons.
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

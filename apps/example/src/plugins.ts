/** The plugins that the command line can name. */

import { isIPv4, isIPv6 } from 'node:net'
import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import type { Codec, Transport } from '@rumormill/protocol'
import type * as Libp2p from '@rumormill/transport-libp2p/node'
import { tcpTransport } from '@rumormill/transport-tcp'
import { parseEndpoint, type Endpoint } from './arguments.ts'
import type { CodecName, TransportName } from './plugin-names.ts'

export const codecs: Readonly<Record<CodecName, () => Codec>> = {
  binary: binaryCodec,
  json: jsonCodec
}

/** Where a node listens, and what else the command line says of that. */
export interface Listen extends Endpoint {
  /** What others dial, as HOST:PORT. */
  readonly advertise?: string | undefined
  /** Keeps a libp2p node's key, and so its id. */
  readonly keyFile?: string | undefined
  /** How many TCP connections it opens, at most. Beyond, the one idle longest goes. */
  readonly maxConnections?: number | undefined
}

/** How a node joins a group, as the command line says it. */
export interface JoinOptions {
  readonly listen: Endpoint
  readonly advertise?: string | undefined
  readonly peer: readonly string[]
  readonly transport: TransportName
  readonly keyFile?: string | undefined
  readonly codec: CodecName
  readonly network: string
}

/** Loaded only when it is asked for: it takes longer than everything else together. */
let libp2p: typeof Libp2p | undefined

/** Loads what a transport needs. Must be called before a node with this transport is created. */
export async function loadTransport(name: TransportName): Promise<void> {
  if (name === 'libp2p') libp2p ??= await import('@rumormill/transport-libp2p/node')
}

export const transports: Readonly<Record<TransportName, (listen: Listen) => Transport>> = {
  tcp: ({ host, port, advertise, maxConnections }) =>
    tcpTransport({
      host,
      port,
      ...(advertise === undefined ? {} : { advertise }),
      ...(maxConnections === undefined ? {} : { limits: { outboundConnections: maxConnections } })
    }),
  libp2p: ({ advertise, keyFile, ...endpoint }) =>
    libp2p!.standaloneTransport({
      listen: [multiaddrOf(endpoint)],
      ...(advertise === undefined ? {} : { announce: [multiaddrOf(parseEndpoint(advertise))] }),
      ...(keyFile === undefined ? {} : { keyFile })
    })
}

function multiaddrOf({ host, port }: Endpoint): string {
  const kind = isIPv4(host) ? 'ip4' : isIPv6(host) ? 'ip6' : 'dns'
  return `/${kind}/${host}/tcp/${port}`
}

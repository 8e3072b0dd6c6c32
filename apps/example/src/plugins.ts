/** The plugins that can be chosen on the command line. */

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

/** Where a node listens, and the related options. */
export interface Listen extends Endpoint {
  /** The address that peers dial, as HOST:PORT. */
  readonly advertise?: string | undefined
  /** The file with the key of a libp2p node, which determines its id. */
  readonly keyFile?: string | undefined
  /** The most TCP connections that it opens; beyond it, the longest-idle one is closed. */
  readonly maxConnections?: number | undefined
}

/** The options for joining a group. */
export interface JoinOptions {
  readonly listen: Endpoint
  readonly advertise?: string | undefined
  readonly peer: readonly string[]
  readonly transport: TransportName
  readonly keyFile?: string | undefined
  readonly codec: CodecName
  readonly network: string
}

/** Loaded only when needed, because it takes longer to load than everything else together. */
let libp2p: typeof Libp2p | undefined

/** Loads the modules of a transport. Must be called before a node with this transport is created. */
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

/** The plugs that the command line can name. */
import { isIPv4, isIPv6 } from 'node:net'
import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import type { Codec, Preset, Transport } from '@rumormill/protocol'
import { standaloneTransport } from '@rumormill/transport-libp2p/node'
import { tcpTransport } from '@rumormill/transport-tcp'
import { parseEndpoint, type Endpoint } from './arguments.ts'

export const CODEC_NAMES = ['binary', 'json'] as const
export type CodecName = (typeof CODEC_NAMES)[number]

export const codecs: Readonly<Record<CodecName, () => Codec>> = {
  binary: binaryCodec,
  json: jsonCodec
}

export const TRANSPORT_NAMES = ['tcp', 'libp2p'] as const
export type TransportName = (typeof TRANSPORT_NAMES)[number]

export const PRESET_NAMES: readonly Preset[] = ['local', 'lan', 'wan', 'reference']

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

export const transports: Readonly<Record<TransportName, (listen: Listen) => Transport>> = {
  tcp: ({ host, port, advertise, maxConnections }) =>
    tcpTransport({
      host,
      port,
      ...(advertise === undefined ? {} : { advertise }),
      ...(maxConnections === undefined ? {} : { limits: { outboundLanes: maxConnections } })
    }),
  libp2p: ({ advertise, keyFile, ...endpoint }) =>
    standaloneTransport({
      listen: [multiaddrOf(endpoint)],
      ...(advertise === undefined ? {} : { announce: [multiaddrOf(parseEndpoint(advertise))] }),
      ...(keyFile === undefined ? {} : { keyFile })
    })
}

function multiaddrOf({ host, port }: Endpoint): string {
  const kind = isIPv4(host) ? 'ip4' : isIPv6(host) ? 'ip6' : 'dns'
  return `/${kind}/${host}/tcp/${port}`
}

/** A node in a page: joins by the WebSocket address in the query, shows what it receives, submits what it is told. */

import { noise } from '@chainsafe/libp2p-noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import { createGossip, staticPeers } from '@rumormill/protocol'
import { libp2pTransport } from '@rumormill/transport-libp2p'
import { createLibp2p } from 'libp2p'

const query = new URLSearchParams(location.search)
const received: string[] = []

const node = await createLibp2p({
  transports: [webSockets()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  // In browsers libp2p refuses private addresses and plain WebSockets, unless told otherwise.
  connectionGater: { denyDialMultiaddr: () => false }
})
const gossip = createGossip({
  transport: libp2pTransport({ node }),
  codec: query.get('codec') === 'json' ? jsonCodec() : binaryCodec(),
  peerSource: staticPeers([query.get('peer')!]),
  handler: { onUpdate: ({ content }) => void received.push(new TextDecoder().decode(content)) },
  preset: 'local'
})
const address = await gossip.start()

Object.assign(globalThis, {
  received,
  address,
  submit: (text: string) => gossip.submit(new TextEncoder().encode(text)).digest
})

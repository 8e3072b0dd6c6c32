import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers } from '@rumormill/protocol'
import { gossipCrate } from '@rumormill/compat-gossip-crate'
import { tcpTransport } from '@rumormill/transport-tcp'
import { HOST, ROUND_MS, SAMPLING_MS, type Member, type MemberOptions } from './member.ts'

/** Speaks as the crate unless `native`: then over TCP, binary, with the default preset. */
export async function rumormillMember({ port, contacts, expiration, native = false }: MemberOptions): Promise<Member> {
  const delivered = new Map<string, number>()
  const gossip = createGossip({
    ...(native
      ? { transport: tcpTransport({ host: HOST, port }), codec: binaryCodec(), preset: 'lan' }
      : { ...gossipCrate({ port }), preset: 'reference' }),
    peers: staticPeers(contacts), sampling: { periodMs: SAMPLING_MS }, dissemination: { periodMs: ROUND_MS, expiration },
    handler: { onUpdate: ({ digest }) => void delivered.set(digest, (delivered.get(digest) ?? 0) + 1) }
  })
  const address = await gossip.start()
  return {
    kind: 'rumormill', address, delivered, pid: process.pid,
    submit: (content) => {
      const { status } = gossip.submit(content)
      if (status !== 'accepted') throw new Error(`rumormill did not accept an update: ${status}`)
    },
    kill: () => gossip.stop()
  }
}

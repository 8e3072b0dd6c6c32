import { createGossip, staticPeers } from '@rumormill/protocol'
import { gossipCrate } from '@rumormill/compat-gossip-crate'
import { ROUND_MS, SAMPLING_MS, type Member, type MemberOptions } from './member.ts'

export async function rumormillMember({ port, contacts, expiration }: MemberOptions): Promise<Member> {
  const delivered = new Map<string, number>()
  const gossip = createGossip({
    ...gossipCrate({ port }), peers: staticPeers(contacts), preset: 'reference',
    sampling: { periodMs: SAMPLING_MS }, dissemination: { periodMs: ROUND_MS, expiration },
    handler: { onUpdate: ({ digest }) => void delivered.set(digest, (delivered.get(digest) ?? 0) + 1) }
  })
  const address = await gossip.start()
  return {
    kind: 'rumormill', address, delivered,
    submit: (content) => {
      const { status } = gossip.submit(content)
      if (status !== 'accepted') throw new Error(`rumormill did not accept an update: ${status}`)
    },
    kill: () => gossip.stop()
  }
}

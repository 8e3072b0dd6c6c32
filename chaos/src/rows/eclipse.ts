/** Row 22: two hundred peers have it in for one node, and push themselves into its view. */
import { setTimeout as delay } from 'node:timers/promises'
import { binaryCodec } from '@rumormill/codec-binary'
import { createRng, type Address, type Message, type Peer, type Rng } from '@rumormill/protocol'
import { hostilePeer, type HostilePeer } from '@rumormill/testkit'
import { tcpTransport } from '@rumormill/transport-tcp'
import { contentOf } from '../ledger.ts'
import { boundRounds, type Row, type RowOptions, type RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'

const HONEST = 20
const ATTACKERS = 200
const PUSH_EVERY_MS = 20
/** A period of the preset `local`, with all the jitter that it may have. */
const ROUND_MS = 110
const VICTIM = HONEST - 1
const UPDATES = 20

interface Outcome {
  readonly lost: number
  readonly duplicates: number
  /** The fewest honest targets of any ten in a row. */
  readonly fewest: number
  readonly targets: number
  /** Of the targets, how often the one of the peer source was among them. */
  readonly anchored: number
  /** How long the slowest update took between the victim and the others, either way. */
  readonly slowestMs: number
  readonly pushes: number
  readonly evilInView: number
}

export const eclipse: Row = { number: 22, name: 'eclipse of one node', mode: 'L', alone: true, run }

async function run({ seed, short }: RowOptions): Promise<RowResult> {
  const attackMs = short ? 8000 : 60_000
  const attackers: HostilePeer[] = []
  const rng = createRng(seed)
  try {
    const evil = await gather(attackers, rng)
    const hardened = await attacked({ hardened: true, attackMs, attackers, evil, rng })
    const control = await attacked({
      hardened: false,
      attackMs: short ? 5000 : 15_000,
      attackers,
      evil,
      rng
    })
    const limitMs = boundRounds(HONEST) * ROUND_MS
    return {
      load: `${HONEST} nodes, hardened, ${2 * UPDATES} updates`,
      faults: `${ATTACKERS} peers push at one of them every ${PUSH_EVERY_MS} ms`,
      badInputs: hardened.pushes,
      lost: hardened.lost,
      duplicates: hardened.duplicates,
      note:
        `at least ${hardened.fewest} honest of any 10 targets of ${hardened.targets}, the anchor ${hardened.anchored} times; ` +
        `${hardened.evilInView} of 30 in its view are attackers; slowest update ${hardened.slowestMs.toFixed(0)} ms, limit ${limitMs}; ` +
        `control that is not hardened: ${control.fewest} of any 10, ${control.evilInView} attackers in its view`,
      complaints: [
        ...(hardened.targets >= 20 ? [] : [`only ${hardened.targets} targets were chosen`]),
        ...(hardened.fewest >= 1 ? [] : ['ten targets in a row were attackers']),
        ...(hardened.anchored > 0 ? [] : ['the anchor was never chosen']),
        ...(hardened.slowestMs <= limitMs
          ? []
          : [`an update took ${hardened.slowestMs.toFixed(0)} ms`]),
        ...(control.fewest === 0 ? [] : ['the control run was not cut off'])
      ]
    }
  } finally {
    await Promise.all(attackers.map((attacker) => attacker.stop()))
  }
}

/** Starts the attackers, each at an address of its own. Whoever asks them is told of others of their kind. */
async function gather(attackers: HostilePeer[], rng: Rng): Promise<Address[]> {
  const evil: Address[] = []
  for (let n = 0; n < ATTACKERS; n++) {
    const attacker = hostilePeer({ transport: tcpTransport(), codec: binaryCodec() })
    attacker.react = (message: Message) =>
      message.kind === 'view-request'
        ? { kind: 'view-response', view: poison(evil, rng) }
        : undefined
    attackers.push(attacker)
    evil.push(await attacker.start())
  }
  return evil
}

function poison(evil: readonly Address[], rng: Rng): Peer[] {
  return Array.from({ length: 15 }, () => ({ address: evil[rng.below(evil.length)]!, age: 0 }))
}

async function attacked({
  hardened,
  attackMs,
  attackers,
  evil,
  rng
}: {
  hardened: boolean
  attackMs: number
  attackers: readonly HostilePeer[]
  evil: readonly Address[]
  rng: Rng
}): Promise<Outcome> {
  const group = new SocketGroup()
  const isEvil = new Set(evil)
  const targets: Address[] = []
  let isUnderWay = false
  try {
    const sampling = { hardened }
    while (group.members.length < VICTIM) await group.join({ gossip: { sampling } })
    await group.join({
      gossip: {
        sampling,
        observe: (event) => {
          if (
            event.kind === 'sent' &&
            (event.message === 'digest-request' || event.message === 'sketch-request') &&
            isUnderWay
          )
            targets.push(event.to)
        }
      }
    })
    const { gossip: victim } = group.members[VICTIM]!
    await Promise.all(group.members.slice(1).map(({ gossip }) => gossip.ready()))
    // So that there is something to name in rounds.
    group.submit(0, contentOf(0, 64))
    await delay(2000)
    let pushes = 0
    for (const endMs = performance.now() + attackMs; performance.now() < endMs; pushes++) {
      isUnderWay ||= performance.now() > endMs - attackMs / 2
      const from = attackers[pushes % ATTACKERS]!
      void from
        .say(victim.address, {
          kind: 'view-request',
          view: [{ address: evil[pushes % ATTACKERS]!, age: 0 }, ...poison(evil, rng)]
        })
        .catch(() => {})
      await delay(PUSH_EVERY_MS)
    }
    const evilInView = victim.peers().filter(({ address }) => isEvil.has(address)).length
    const first = group.submitted.length
    for (let update = 0; update < UPDATES; update++) {
      group.submit(VICTIM, contentOf(0, 64))
      group.submit(update % VICTIM, contentOf(0, 64))
      await delay(50)
    }
    const lost = await group.settle(hardened ? 20_000 : 100)
    return {
      lost,
      duplicates: group.duplicates,
      fewest: fewestHonest(targets, isEvil),
      targets: targets.length,
      anchored: targets.filter((target) => target === group.members[0]!.gossip.address).length,
      slowestMs: Math.max(...group.delaysMs(first)),
      pushes,
      evilInView
    }
  } finally {
    await group.stop()
  }
}

function fewestHonest(targets: readonly Address[], isEvil: ReadonlySet<Address>): number {
  let fewest = Math.min(10, targets.length)
  for (let start = 0; start + 10 <= targets.length; start++) {
    fewest = Math.min(
      fewest,
      targets.slice(start, start + 10).filter((target) => !isEvil.has(target)).length
    )
  }
  return fewest
}

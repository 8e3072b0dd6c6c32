/** Row 22: two hundred peers push themselves into the view of one node. */

import { setTimeout as delay } from 'node:timers/promises'
import { binaryCodec } from '@rumormill/codec-binary'
import { amount, duration } from '@rumormill/harness/figure'
import {
  createRng,
  type Address,
  type Message,
  type Peer,
  type Rng
} from '@rumormill/protocol/plugin'
import { hostilePeer, type HostilePeer } from '@rumormill/testkit'
import { tcpTransport } from '@rumormill/transport-tcp'
import { boundRounds, type Row, type RowOptions, type RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'
import { contentOf } from '../submissions.ts'

const CORRECT = 20
const ATTACKERS = 200
const PUSH_EVERY_MS = 20
/** A period of the preset `local` with its maximum jitter. */
const ROUND_MS = 110
const VICTIM = CORRECT - 1
const UPDATES = 20

interface VictimTargets {
  readonly lost: number
  readonly duplicates: number
  /** The fewest correct targets among any ten consecutive ones. */
  readonly fewest: number
  readonly targets: number
  /** How often the target was the peer of the peer source. */
  readonly anchored: number
  /** The time of the slowest update between the victim and the others, in either direction. */
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
    const attack = { attackers, evil, rng }
    const hardened = await attacked(true, attackMs, attack)
    const control = await attacked(false, short ? 5000 : 15_000, attack)
    const limitMs = boundRounds(CORRECT) * ROUND_MS
    return {
      load: `${CORRECT} nodes, hardened, ${2 * UPDATES} updates`,
      faults: `${ATTACKERS} peers push at one of them every ${PUSH_EVERY_MS} ms`,
      badInputs: hardened.pushes,
      lost: hardened.lost,
      duplicates: hardened.duplicates,
      figures: [
        amount('fewest correct of any 10 targets', hardened.fewest, { least: 1 }),
        amount('targets', hardened.targets),
        amount('the anchor among them', hardened.anchored),
        amount('attackers in its view', hardened.evilInView, { of: 30 }),
        duration('slowest update', hardened.slowestMs, { limit: limitMs }),
        amount('control that is not hardened, fewest correct of any 10', control.fewest),
        amount('control, attackers in its view', control.evilInView)
      ],
      complaints: [
        ...(hardened.targets >= 20 ? [] : [`only ${hardened.targets} targets were chosen`]),
        ...(hardened.fewest >= 1 ? [] : ['ten targets in a row were attackers']),
        ...(hardened.anchored > 0 ? [] : ['the anchor was never chosen']),
        ...(hardened.slowestMs <= limitMs
          ? []
          : [`an update took ${hardened.slowestMs.toFixed(0)} ms`]),
        ...(control.fewest === 0 ? [] : ['the control run was not eclipsed'])
      ]
    }
  } finally {
    await Promise.all(attackers.map((attacker) => attacker.stop()))
  }
}

/** Starts the attackers, each at its own address. They answer view requests with other attackers. */
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

/** The attackers and their addresses. */
interface Attack {
  readonly attackers: readonly HostilePeer[]
  readonly evil: readonly Address[]
  readonly rng: Rng
}

async function attacked(
  hardened: boolean,
  attackMs: number,
  attack: Attack
): Promise<VictimTargets> {
  const group = new SocketGroup()
  const isEvil = new Set(attack.evil)
  const targets: Address[] = []
  let watchFromMs = Infinity
  try {
    const membership = { hardened }
    while (group.members.length < VICTIM) await group.join({ gossip: { membership } })
    await group.join({
      gossip: {
        membership,
        observe: (event) => {
          if (
            event.kind === 'sent' &&
            (event.message === 'digest-request' || event.message === 'sketch-request') &&
            performance.now() > watchFromMs
          )
            targets.push(event.to)
        }
      }
    })
    const { gossip: victim } = group.members[VICTIM]!
    await Promise.all(group.members.slice(1).map(({ gossip }) => gossip.ready()))
    // Rounds need at least one update.
    group.submit(0, contentOf(0, 64))
    await delay(2000)
    watchFromMs = performance.now() + attackMs / 2
    const pushes = await pushAt(victim.address, attackMs, attack)
    const evilInView = victim.peers().filter(({ address }) => isEvil.has(address)).length
    const first = group.submitted.length
    await load(group)
    const lost = await group.settle(hardened ? 20_000 : 100)
    return {
      lost,
      duplicates: group.duplicates,
      fewest: fewestCorrect(targets, isEvil),
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

/** Lets the next attacker push itself and other attackers every {@link PUSH_EVERY_MS}. Returns the number of pushes. */
async function pushAt(
  victim: Address,
  ms: number,
  { attackers, evil, rng }: Attack
): Promise<number> {
  let pushes = 0
  for (const endMs = performance.now() + ms; performance.now() < endMs; pushes++) {
    const view = [{ address: evil[pushes % ATTACKERS]!, age: 0 }, ...poison(evil, rng)]
    void attackers[pushes % ATTACKERS]!.say(victim, { kind: 'view-request', view }).catch(() => {})
    await delay(PUSH_EVERY_MS)
  }
  return pushes
}

/** Submits updates at the victim and at the others. */
async function load(group: SocketGroup): Promise<void> {
  for (let update = 0; update < UPDATES; update++) {
    group.submit(VICTIM, contentOf(0, 64))
    group.submit(update % VICTIM, contentOf(0, 64))
    await delay(50)
  }
}

function fewestCorrect(targets: readonly Address[], isEvil: ReadonlySet<Address>): number {
  let fewest = Math.min(10, targets.length)
  for (let start = 0; start + 10 <= targets.length; start++) {
    fewest = Math.min(
      fewest,
      targets.slice(start, start + 10).filter((target) => !isEvil.has(target)).length
    )
  }
  return fewest
}

/** Tests whether the peers that one node gets are random (Jelasity et al. 2007, section 3). */

import { spawnSync } from 'node:child_process'
import { policy } from '@rumormill/protocol/engine'
import { randomGroup, rngFor } from '@rumormill/simulator'
import type { Experiment, Measurement, Scale } from './experiment.ts'
import { groupOf, POLICIES } from './protocols.ts'

/** The parameters of the paper: 2^10 others, views of 20, four samples a cycle at one node. */
const OTHERS = 1024
const VIEW_SIZE = 20
const SAMPLES_PER_CYCLE = 4
const WARM_UP_CYCLES = 50
const CYCLES = 10_000
const QUICK_CYCLES = 300

export const randomness: Experiment = {
  id: 'randomness',
  title: 'Random peers for one node',
  story:
    'One node of 1,025 asks for four peers in each of 10,000 cycles; the partner is the oldest ' +
    'entry (tail), and views hold 20. If the peers were drawn at random, each of the 1,024 ' +
    'others would come up about 39 times. *Spread*: how far the counts are from that, as a ' +
    'chi-square test in standard deviations; 0 on average, and above 4 once in 30,000 random ' +
    'runs. *Lag 1*: the correlation of a peer with the next one, in standard errors. *ent*: ' +
    'bits of entropy per byte, measured by the program of that name, for the lower eight bits ' +
    'of each peer; 40,000 random bytes give 7.995. The paper draws 80 million samples for the ' +
    'Diehard tests; that many take weeks here, and fewer show nothing, so `dieharder` is not ' +
    'run. The last group of rows applies the same tests to a pseudorandom number generator.',
  run: (scale) => {
    const measurements: Measurement[] = []
    for (const name of POLICIES) {
      scale.progress(`randomness: ${name}`)
      measurements.push(...tests(name, samples(scale, name)))
    }
    const rng = rngFor(scale.seed)
    const count = SAMPLES_PER_CYCLE * (scale.quick ? QUICK_CYCLES : CYCLES)
    measurements.push(
      ...tests(
        'generator',
        Array.from({ length: count }, () => rng.below(OTHERS))
      )
    )
    return { measurements }
  }
}

/** Returns the peers that node 0 gets, numbered from 0. */
function samples(scale: Scale, name: (typeof POLICIES)[number]): number[] {
  const membership = {
    push: true,
    pull: true,
    selection: 'tail',
    viewSize: VIEW_SIZE,
    exchangeSize: VIEW_SIZE / 2,
    ...policy(name, VIEW_SIZE)
  } as const
  const group = randomGroup(OTHERS + 1, groupOf(scale, membership))
  for (let cycle = 0; cycle < WARM_UP_CYCLES; cycle++) group.cycle()
  const peers: number[] = []
  for (let cycle = 0; cycle < (scale.quick ? QUICK_CYCLES : CYCLES); cycle++) {
    group.cycle()
    for (let sample = 0; sample < SAMPLES_PER_CYCLE; sample++) peers.push(group.sample(0)! - 1)
  }
  return peers
}

function tests(name: string, peers: readonly number[]): Measurement[] {
  return [
    { id: `${name} spread`, value: spread(peers) },
    { id: `${name} lag 1`, value: lagOne(peers) },
    { id: `${name} ent`, value: entropy(peers) }
  ]
}

/** Returns Pearson's chi-square of the counts against equal ones, minus its mean, divided by its standard deviation. */
function spread(peers: readonly number[]): number {
  const counts = new Int32Array(OTHERS)
  for (const peer of peers) counts[peer]!++
  const expected = peers.length / OTHERS
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  return (chiSquare - (OTHERS - 1)) / Math.sqrt(2 * (OTHERS - 1))
}

/** Returns the correlation of each number with the next, times the square root of their count. */
function lagOne(peers: readonly number[]): number {
  const mean = (OTHERS - 1) / 2
  let products = 0
  let squares = 0
  peers.forEach((peer, index) => {
    squares += (peer - mean) ** 2
    if (index > 0) products += (peer - mean) * (peers[index - 1]! - mean)
  })
  return (products / squares) * Math.sqrt(peers.length)
}

/** Returns the entropy in bits per byte by `ent`; `undefined` where it is not installed. */
function entropy(peers: readonly number[]): number | undefined {
  const { status, stdout } = spawnSync('ent', ['-t'], {
    input: Uint8Array.from(peers, (peer) => peer & 0xff),
    encoding: 'utf8'
  })
  // `ent` prints two lines: names, then a line number, the size and the entropy.
  return status === 0 ? Number(stdout.split('\n')[1]!.split(',')[2]) : undefined
}

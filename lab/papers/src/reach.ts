/** The reach of an update right after most nodes have failed (Leitao et al. 2007, HyParView, section 5.2, fig. 2). */

import type { Curve, CurvePlot } from '@rumormill/harness/plot'
import { pick, shuffle } from '@rumormill/protocol/engine'
import type { Rng } from '@rumormill/protocol/plugin'
import { CycleGroup, type CycleMembership, randomGroup } from '@rumormill/simulator'
import type { Experiment, Measurement, Scale } from './experiment.ts'
import { REACH_FIGURES } from './paper-figures.ts'
import { groupOf } from './protocols.ts'

const PERCENTS = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95]
const FANOUT = 4
const SHOWN_LATER = [1, 2, 5, 10]
/** The limit of cycles in which survivors can regain their reach. */
const MAX_LATER = 40
/** A flood has regained its reach when it is at most this many percent below that before the failure. */
const AS_BEFORE = 1
/** The cycles before the failure, as in HyParView's experiments. */
const CYCLES = 50
/** After this many rounds without progress, none is expected. */
const QUIET_ROUNDS = 100

const SETTINGS: Readonly<Record<string, CycleMembership>> = {
  rumormill: {
    push: true,
    pull: true,
    selection: 'rand',
    viewSize: 30,
    healing: 3,
    swapping: 12,
    exchangeSize: 14
  },
  // Cyclon's cache of 35 and shuffle of 14: the oldest entry is the partner, and sent entries are replaced.
  Cyclon: {
    push: true,
    pull: true,
    selection: 'tail',
    viewSize: 35,
    healing: 0,
    swapping: 14,
    exchangeSize: 13
  }
}

export const reach: Experiment = {
  id: 'reach',
  title: 'Right after a catastrophe',
  story:
    'A given percentage of the nodes fails at once, and before any view exchange an update ' +
    'starts at a survivor. The figure is the share of the survivors that receive it. The ' +
    'HyParView paper measured this for its own protocol, which keeps connections open and ' +
    'therefore notices failed nodes at once, and for Cyclon, which does not. *Flood* is what ' +
    'was measured there: each node that receives the update sends it once to four random ' +
    'entries of its view, dead ones included, so a few percent of the nodes miss it even ' +
    'without a failure. *Rounds* is what rumormill does: survivors push and pull in round after ' +
    'round, one entry at a time, until no further node receives the update; only nodes that are ' +
    'cut off miss it. Eager pushes to neighbors, which rumormill adds to this, are not in these ' +
    'figures. The floods run over views as rumormill keeps them and as Cyclon keeps them. Both ' +
    'figures are averages, of 100 updates for floods and 5 for rounds. Then the survivors ' +
    'exchange views again. *Cycles to regain* counts the cycles until a flood reaches as many ' +
    'nodes as before the failure, less one percent. The views of Cyclon heal slowly, as ' +
    'published; rumormill also removes its oldest entries (H = 3), so it takes longer than ' +
    'HyParView and much less than Cyclon.',
  run: (scale) => {
    const measurements: Measurement[] = []
    const ours: Curve[] = []
    const later: Curve[] = []
    for (const [name, membership] of Object.entries(SETTINGS)) {
      const flood: [number, number][] = []
      const inRounds: [number, number][] = []
      for (const percent of scale.quick ? [50, 80] : PERCENTS) {
        scale.progress(`${name}: ${percent} % fail`)
        const group = settled(scale, membership)
        const before = floods(group, 20)
        fail(group, percent)
        flood.push([percent, floods(group, 100)])
        inRounds.push([percent, rounds(scale, membership, group, scale.quick ? 2 : 5)])
        measurements.push(
          { id: `${name} flood at ${percent}`, value: flood.at(-1)![1] },
          { id: `${name} rounds at ${percent}`, value: inRounds.at(-1)![1] }
        )
        if (name !== 'rumormill' || percent > 90) continue
        const { cycles, points } = recovery(group, before - AS_BEFORE)
        measurements.push({ id: `${name} cycles to regain at ${percent}`, value: cycles })
        for (const [cycle, value] of points) {
          if (SHOWN_LATER.includes(cycle))
            measurements.push({ id: `${name} flood at ${percent}, ${cycle} cycles later`, value })
        }
        if (percent >= 50)
          later.push({ name: `${percent} % failed`, points: [[0, flood.at(-1)![1]], ...points] })
      }
      ours.push(
        { name: `${name}, flood`, points: flood },
        { name: `${name}, rounds`, points: inRounds }
      )
    }
    return { measurements, plots: plotsOf(ours, later) }
  }
}

function plotsOf(ours: readonly Curve[], later: readonly Curve[]): CurvePlot[] {
  const y = '% of the survivors reached'
  return [
    {
      id: 'reach',
      title: 'Reach right after a failure',
      x: '% of the nodes failed',
      y,
      ours,
      paper: REACH_FIGURES
    },
    {
      id: 'regain',
      title: 'Reach of a flood in the cycles after a failure',
      x: 'cycles after the failure',
      y,
      ours: later,
      paper: []
    }
  ]
}

function settled(scale: Scale, membership: CycleMembership): CycleGroup {
  const group = randomGroup(scale.nodes, groupOf(scale, membership))
  for (let cycle = 0; cycle < CYCLES; cycle++) group.cycle()
  return group
}

function fail(group: CycleGroup, percent: number): void {
  const nodes = group.live()
  shuffle(nodes, group.rng)
  for (const node of nodes.slice(0, (nodes.length * percent) / 100)) group.kill(node)
}

/** Returns the reach of a flood by cycle, up to the last that is shown, and the cycles until it is `target` again. */
function recovery(
  group: CycleGroup,
  target: number
): { cycles: number; points: [number, number][] } {
  const points: [number, number][] = []
  let cycles = Infinity
  for (
    let cycle = 1;
    cycle <= MAX_LATER && (cycles === Infinity || cycle <= SHOWN_LATER.at(-1)!);
    cycle++
  ) {
    group.cycle()
    points.push([cycle, floods(group, 20)])
    if (cycles === Infinity && points.at(-1)![1] >= target) cycles = cycle
  }
  return { cycles, points }
}

/** Returns the percentage of survivors that rounds of push-pull reach in the end, on average; views do not change. */
function rounds(
  scale: Scale,
  membership: CycleMembership,
  failed: CycleGroup,
  updates: number
): number {
  const { overlay } = failed.overlay()
  const group = new CycleGroup({
    ...groupOf(scale, membership),
    spreading: { push: true, pull: true },
    still: true
  })
  for (let node = 0; node < overlay.size + membership.viewSize; node++) group.add()
  // Adds as many dead entries as the view had, so that the same share of rounds is lost to them.
  failed.deadLinksByNode().forEach((dead, node) => {
    const live = overlay.targets.subarray(overlay.starts[node], overlay.starts[node + 1])
    const view = [...live, ...Array.from({ length: dead }, (_, index) => overlay.size + index)]
    shuffle(view, group.rng)
    group.introduce(node, view)
  })
  for (let dead = overlay.size; dead < group.size; dead++) group.kill(dead)
  const digests = Array.from({ length: updates }, (_, update) =>
    group.submit(pick(group.live(), group.rng)!, Uint8Array.of(update))
  )
  const total = (): number => digests.reduce((sum, digest) => sum + group.reached(digest), 0)
  const all = updates * overlay.size
  // A live entry among thirty dead ones is contacted once in thirty rounds, so a hundred rounds without progress suffice.
  for (
    let quiet = 0, before = 0;
    quiet < QUIET_ROUNDS && total() < all;
    quiet = total() === before ? quiet + 1 : 0
  ) {
    before = total()
    group.cycle()
  }
  return (100 * total()) / all
}

/** Returns the percentage of survivors that a flood reaches, on average. */
function floods(group: CycleGroup, updates: number): number {
  const { overlay } = group.overlay()
  const dead = group.deadLinksByNode()
  let reached = 0
  for (let update = 0; update < updates; update++) {
    const informed = new Uint8Array(overlay.size)
    const queue = [group.rng.below(overlay.size)]
    informed[queue[0]!] = 1
    for (let head = 0; head < queue.length; head++) {
      const node = queue[head]!
      const targets = overlay.targets.subarray(overlay.starts[node], overlay.starts[node + 1])
      for (const target of chosen(targets, dead[node]!, group.rng)) {
        if (informed[target] === 1) continue
        informed[target] = 1
        queue.push(target)
      }
    }
    reached += queue.length
  }
  return (100 * reached) / updates / overlay.size
}

/** Returns the live ones among {@link FANOUT} random entries of a view with live `targets` and `dead` dead entries. */
function chosen(targets: Int32Array, dead: number, rng: Rng): number[] {
  const entries = Array.from({ length: targets.length + dead }, (_, index) => index)
  shuffle(entries, rng)
  return entries
    .slice(0, FANOUT)
    .filter((index) => index < targets.length)
    .map((index) => targets[index]!)
}

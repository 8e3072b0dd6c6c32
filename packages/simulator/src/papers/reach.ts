/** How far an update gets right after most nodes have failed (Leitao et al. 2007, HyParView, section 5.2, fig. 2). */
import { shuffle, type Rng } from '@rumormill/protocol'
import type { CycleGroup, CycleSampling } from '../cycles/cycle-group.ts'
import { randomGroup } from '../cycles/starts.ts'
import { clusterSizes } from '../metrics/paths.ts'
import type { Curve, Experiment, Measurement, Scale } from './experiment.ts'
import { REACH_FIGURES } from './paper-figures.ts'
import { groupOf } from './protocols.ts'

const PERCENTS = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95]
const LATER = [1, 2, 5, 10]
const FANOUT = 4
/** As HyParView's experiments: so many cycles before the failure. */
const CYCLES = 50

const SETTINGS: Readonly<Record<string, CycleSampling>> = {
  rumormill: { push: true, pull: true, selection: 'rand', viewSize: 30, healing: 3, swapping: 12, exchangeSize: 14 },
  // Cyclon's cache of 35 and shuffle of 14: the oldest entry is the partner, what was sent makes room.
  Cyclon: { push: true, pull: true, selection: 'tail', viewSize: 35, healing: 0, swapping: 14, exchangeSize: 13 }
}

export const reach: Experiment = {
  id: 'reach',
  title: 'Right after a catastrophe',
  story:
    'So many percent of the nodes fail at once, and before any view is exchanged an update starts at a survivor. *Flood*: ' +
    'whoever hears it tells four random entries of its view, once, dead ones included; that is what the HyParView paper ' +
    'measured, for its own protocol, which keeps connections open and notices at once who is gone, and for Cyclon, which ' +
    'does not. *Rounds*: what rumormill does, where survivors ask and tell one another again and again; it reaches all ' +
    'that are still connected. Percent of the survivors reached. Then the survivors exchange views for 1 to 10 cycles.',
  run: (scale) => {
    const measurements: Measurement[] = []
    const ours: Curve[] = []
    for (const [name, sampling] of Object.entries(SETTINGS)) {
      const flood: [number, number][] = []
      const rounds: [number, number][] = []
      for (const percent of scale.quick ? [50, 80] : PERCENTS) {
        scale.progress(`${name}: ${percent} % fail`)
        const group = failed(scale, sampling, percent)
        flood.push([percent, floods(group, scale.quick ? 20 : 100)])
        rounds.push([percent, connected(group)])
        measurements.push(
          { id: `${name} flood at ${percent}`, value: flood.at(-1)![1] },
          { id: `${name} rounds at ${percent}`, value: rounds.at(-1)![1] }
        )
        if (name === 'rumormill' && percent >= 50) measurements.push(...recovery(group, percent, scale.quick ? [1] : LATER))
      }
      ours.push({ name: `${name}, flood`, points: flood }, { name: `${name}, rounds`, points: rounds })
    }
    return {
      measurements,
      plots: [{
        id: 'reach', title: 'Reach right after a failure', x: '% of the nodes failed', y: '% of the survivors reached', ours,
        paper: REACH_FIGURES
      }]
    }
  }
}

function failed(scale: Scale, sampling: CycleSampling, percent: number): CycleGroup {
  const group = randomGroup(scale.nodes, groupOf(scale, sampling))
  for (let cycle = 0; cycle < CYCLES; cycle++) group.cycle()
  const nodes = group.live()
  shuffle(nodes, group.rng)
  for (const node of nodes.slice(0, (scale.nodes * percent) / 100)) group.kill(node)
  return group
}

function recovery(group: CycleGroup, percent: number, cycles: readonly number[]): Measurement[] {
  const measurements: Measurement[] = []
  const last = cycles.at(-1)!
  for (let cycle = 1; cycle <= last; cycle++) {
    group.cycle()
    if (cycles.includes(cycle)) measurements.push({ id: `rumormill flood at ${percent}, ${cycle} cycles later`, value: floods(group, 20) })
  }
  return measurements
}

/** Percent of the survivors that rounds reach in the end: those connected with a random one, links counting both ways. */
function connected(group: CycleGroup): number {
  const { overlay } = group.overlay()
  const squares = clusterSizes(overlay).reduce((sum, size) => sum + size * size, 0)
  return (100 * squares) / overlay.size / overlay.size
}

/** Percent of the survivors that a flood reaches, on average. */
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

/** The live ones of {@link FANOUT} random entries of a view of which `targets` live and `dead` do not. */
function chosen(targets: Int32Array, dead: number, rng: Rng): number[] {
  const entries = Array.from({ length: targets.length + dead }, (_, index) => index)
  shuffle(entries, rng)
  return entries.slice(0, FANOUT).filter((index) => index < targets.length).map((index) => targets[index]!)
}

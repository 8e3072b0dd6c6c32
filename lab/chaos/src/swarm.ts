/**
 * A random scenario in virtual time, determined by a seed, in the ranges of TigerBeetle's VOPR (section 4 of the list). In the
 * safety phase, faults of all kinds come and go. In the liveness phase, the faults of a core of nodes end, those of the others
 * stay, and the core must get every update.
 */

import { pick, shuffle } from '@rumormill/protocol/engine'
import { createRng, type Rng } from '@rumormill/protocol/plugin'
import { simulate, type SimulationOptions, type Stage } from '@rumormill/simulator'
import { DeliveryLog, Submissions } from './submissions.ts'

const STEP_MS = 500
const BEGIN_MS = 2000
const SAFETY_MS = 60_000
const END_OF_SAFETY_MS = BEGIN_MS + SAFETY_MS
/** Two minutes: sixty of the slowest membership periods to find one another, and as long again at a loss of 30 %. */
const LIVENESS_MS = 120_000
/** Most scenarios finish in this time. The others are run again with the same seed for the whole time. */
const SOON_MS = 30_000

export interface SwarmResult {
  readonly nodes: number
  readonly updates: number
  readonly faults: Readonly<Record<string, number>>
  /** Required updates that nodes of the core lack, summed over the nodes. */
  readonly lost: number
  /** Duplicate deliveries, counted per life of a node. */
  readonly duplicates: number
  /** Deliveries of contents that no node submitted. */
  readonly invented: number
  /** Virtual seconds from the end of the safety phase until the core was complete. */
  readonly doneSeconds: number
}

/** Runs the scenario of `seed`. The same seed always gives the same result. */
export function runSwarm(seed: number): SwarmResult {
  const result = runFor(seed, SOON_MS)
  return result.lost === 0 ? result : runFor(seed, LIVENESS_MS)
}

function runFor(seed: number, livenessMs: number): SwarmResult {
  const rng = createRng(seed)
  const nodes = 5 + rng.below(26)
  const logs: DeliveryLog[] = []
  let swarm!: Swarm
  const { apps, report } = simulate<DeliveryLog>({
    ...settings(rng, nodes),
    nodes,
    seed,
    durationMs: END_OF_SAFETY_MS + livenessMs,
    app: (node) => {
      const log = new DeliveryLog(node.number, () => node.now())
      logs.push(log)
      return log
    },
    script: (stage) => {
      swarm = new Swarm(stage, rng)
    }
  })
  const { submissions, core } = swarm
  const living = core.map((node) => apps.get(node)!)
  const due = submissions.entries.map(({ by, atMs }, id) => {
    const isKept = core.includes(by) && apps.get(by)!.bornMs <= atMs
    return isKept || living.some((log) => log.arrivalMs(id) < Infinity)
  })
  let [lost, doneMs] = [0, END_OF_SAFETY_MS]
  for (const log of living) {
    submissions.entries.forEach(({ by, atMs }, id) => {
      if (!due[id] || (by === log.node && atMs >= log.bornMs)) return
      const heardMs = log.arrivalMs(id)
      if (heardMs === Infinity) lost++
      else doneMs = Math.max(doneMs, heardMs)
    })
  }
  return {
    nodes,
    updates: submissions.entries.length,
    faults: { ...swarm.faults, lost: report.lost, duplicated: report.duplicated },
    lost,
    duplicates: logs.reduce((sum, { duplicates }) => sum + duplicates, 0),
    invented: logs.reduce((sum, log) => sum + log.beyond(submissions.entries.length), 0),
    doneSeconds: (doneMs - END_OF_SAFETY_MS) / 1000
  }
}

/** Returns random options of the network and the nodes. */
function settings(
  rng: Rng,
  nodes: number
): Pick<SimulationOptions<DeliveryLog>, 'network' | 'membership' | 'antiEntropy' | 'broadcast'> {
  const least = 30 * rng.fraction()
  const healing = rng.below(4)
  return {
    network: {
      delayMs: { least, mean: least + 30 + 70 * rng.fraction() },
      loss: 0.3 * rng.fraction(),
      duplicate: 0.5 * rng.fraction(),
      reorder: 0.2 * rng.fraction(),
      noticeMs: pick([1000, 10_000, Infinity], rng)!
    },
    membership: {
      viewSize: Math.max(4, Math.min(30, rng.below(2 * nodes))),
      exchangeSize: 8,
      healing,
      swapping: rng.below(4),
      hardened: rng.below(4) === 0,
      selection: pick(['rand', 'tail'], rng)!,
      periodMs: pick([500, 1000], rng)!,
      maxFailedSends: 1 + rng.below(3)
    },
    antiEntropy: { fanout: 1 + rng.below(3), periodMs: pick([200, 500, 1000], rng)! },
    broadcast: { mode: pick(['lazy', 'lazy', 'off'], rng)!, degree: 1 + rng.below(6) }
  }
}

interface Cut {
  readonly from: readonly number[]
  readonly to: readonly number[]
  /** When it ends; a partition ends at a random time instead. */
  readonly untilMs: number
}

class Swarm {
  readonly submissions: Submissions
  /** The nodes that must be complete in the end. They include node 0, the only peer source of all. */
  core: number[] = []
  readonly faults = { partitions: 0, clogs: 0, crashes: 0, restarts: 0, pauses: 0, joins: 0 }
  readonly #stage: Stage<DeliveryLog>
  readonly #rng: Rng
  readonly #rates: Readonly<
    Record<
      'partition' | 'heal' | 'clog' | 'crash' | 'restart' | 'pause' | 'resume' | 'join',
      number
    >
  >
  readonly #dead = new Set<number>()
  readonly #paused = new Set<number>()
  #partition: readonly Cut[] = []
  #clogs: Cut[] = []

  constructor(stage: Stage<DeliveryLog>, rng: Rng) {
    this.#stage = stage
    this.#rng = rng
    this.submissions = new Submissions(stage)
    const upTo = (most: number): number => most * rng.fraction()
    this.#rates = {
      partition: upTo(0.03),
      heal: 0.01 + upTo(0.09),
      clog: upTo(0.02),
      crash: upTo(0.01),
      restart: 0.05 + upTo(0.1),
      pause: upTo(0.01),
      resume: 0.05 + upTo(0.2),
      join: upTo(0.02)
    }
    const everyMs = 100 + rng.below(900)
    for (let atMs = BEGIN_MS; atMs < END_OF_SAFETY_MS; atMs += everyMs)
      stage.at(atMs, () => this.#submit())
    for (let atMs = BEGIN_MS; atMs < END_OF_SAFETY_MS; atMs += STEP_MS)
      stage.at(atMs, () => this.#step())
    stage.at(END_OF_SAFETY_MS, () => this.#beginLiveness())
  }

  #submit(): void {
    const able = this.#stage.nodes.filter(
      (node) => !this.#dead.has(node) && !this.#paused.has(node)
    )
    const by = pick(able, this.#rng)
    if (by !== undefined) this.submissions.submit(by, 16 + this.#rng.below(200))
  }

  #happens(rate: number): boolean {
    return this.#rng.fraction() < rate
  }

  #step(): void {
    const { nodes } = this.#stage
    for (const node of nodes) this.#afflict(node)
    if (this.#happens(this.#rates.join)) {
      this.#stage.join()
      this.faults.joins++
    }
    if (this.#partition.length > 0) {
      if (this.#happens(this.#rates.heal)) this.#partition = []
    } else if (this.#happens(this.#rates.partition)) {
      this.#partition = this.#randomPartition()
      this.faults.partitions++
    }
    for (const from of nodes) {
      if (!this.#happens(this.#rates.clog)) continue
      this.#clogs.push({
        from: [from],
        to: [this.#rng.below(nodes.length)],
        untilMs: this.#stage.now() + 5000 * this.#rng.fraction()
      })
      this.faults.clogs++
    }
    this.#clogs = this.#clogs.filter(({ untilMs }) => untilMs > this.#stage.now())
    this.#applyCuts()
  }

  #afflict(node: number): void {
    if (this.#dead.has(node)) {
      if (!this.#happens(this.#rates.restart)) return
      this.#dead.delete(node)
      this.#stage.restart(node)
      this.faults.restarts++
    } else if (this.#paused.has(node)) {
      if (!this.#happens(this.#rates.resume)) return
      this.#paused.delete(node)
      this.#stage.resume(node)
    } else if (this.#happens(this.#rates.crash)) {
      this.#dead.add(node)
      this.#stage.crash(node)
      this.faults.crashes++
    } else if (this.#happens(this.#rates.pause)) {
      this.#paused.add(node)
      this.#stage.pause(node)
      this.faults.pauses++
    }
  }

  /** Returns a partition into two sides of random size; one in three cuts only one direction. */
  #randomPartition(): Cut[] {
    const order = [...this.#stage.nodes]
    shuffle(order, this.#rng)
    const sides = [order.splice(0, 1 + this.#rng.below(order.length - 1)), order] as const
    const cut = (from: readonly number[], to: readonly number[]): Cut => ({
      from,
      to,
      untilMs: Infinity
    })
    return this.#rng.below(3) === 0 ? [cut(...sides)] : [cut(...sides), cut(sides[1], sides[0])]
  }

  #applyCuts(): void {
    this.#stage.heal()
    for (const { from, to } of [...this.#partition, ...this.#clogs]) this.#stage.cut(from, to)
  }

  #beginLiveness(): void {
    const order = this.#stage.nodes.filter((node) => node !== 0)
    shuffle(order, this.#rng)
    const others = order.splice(Math.ceil(this.#stage.nodes.length / 2))
    this.core = [0, ...order]
    for (const node of this.core) {
      if (this.#dead.has(node)) this.#stage.restart(node)
      else this.#stage.resume(node)
    }
    this.#clogs = []
    this.#partition = []
    for (const node of others) {
      const isDead = this.#dead.has(node)
      const fate = this.#rng.below(4)
      if (fate === 0 && !isDead) this.#stage.crash(node)
      else if (fate === 1 && !isDead) this.#stage.pause(node)
      else if (fate === 2)
        this.#partition = [...this.#partition, { from: this.core, to: [node], untilMs: Infinity }]
      else
        this.#partition = [...this.#partition, { from: [node], to: this.core, untilMs: Infinity }]
    }
    this.#applyCuts()
  }
}

/** A group of engines under virtual time: every message takes 10 ms, may be lost, and nothing else happens. */
import type { DisseminationConfig } from '../../src/dissemination/config.ts'
import type { Effect } from '../../src/engine/effect.ts'
import { Engine } from '../../src/engine/engine.ts'
import { createRng, type Rng } from '../../src/random.ts'
import type { SamplingConfig } from '../../src/sampling/config.ts'
import { PRESETS } from '../../src/service/presets.ts'
import { blake3Digest } from '../../src/update.ts'

const LATENCY_MS = 10

export interface VirtualGroupOptions {
  readonly size: number
  readonly seed: number
  readonly sampling?: Partial<SamplingConfig>
  readonly dissemination?: Partial<DisseminationConfig>
  /** The share of messages that vanish. */
  readonly loss?: number
}

interface VirtualNode {
  readonly engine: Engine
  readonly delivered: string[]
  alive: boolean
}

export class VirtualGroup {
  nowMs = 0
  readonly nodes: VirtualNode[]
  readonly #rng: Rng
  readonly #loss: number
  readonly #arrivals: { atMs: number; arrive: () => void }[] = []

  /** All but the first node know the first. */
  constructor({ size, seed, sampling, dissemination, loss = 0 }: VirtualGroupOptions) {
    this.#rng = createRng(seed)
    this.#loss = loss
    this.nodes = Array.from({ length: size }, (_, n) => ({
      alive: true,
      delivered: [],
      engine: new Engine({
        self: String(n),
        sampling: { ...PRESETS.lan.sampling, ...sampling },
        dissemination: { ...PRESETS.lan.dissemination, ...dissemination },
        digest: blake3Digest,
        rng: this.#rng.fork(),
        nowMs: 0
      })
    }))
    for (let n = 1; n < size; n++) this.perform(n, this.nodes[n]!.engine.join(0, ['0']))
  }

  submit(n: number, text: string): void {
    this.nodes[n]!.engine.submit(this.nowMs, new TextEncoder().encode(text))
  }

  perform(n: number, effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'deliver') this.nodes[n]!.delivered.push(new TextDecoder().decode(effect.update.content))
      if (effect.kind !== 'send') continue
      const target = this.nodes[Number(effect.to)]!
      if (!target.alive) {
        this.#later(() => this.perform(n, this.nodes[n]!.engine.sendFailed(this.nowMs, effect, true)))
        continue
      }
      this.nodes[n]!.engine.sent(this.nowMs, effect)
      if (this.#rng.fraction() < this.#loss) continue
      this.#later(() => {
        if (target.alive) this.perform(Number(effect.to), target.engine.receive(this.nowMs, String(n), effect.message))
      })
    }
  }

  /** Lets `ms` milliseconds pass, or fewer when `done` says so. */
  run(ms: number, done: () => boolean = () => false): void {
    const endMs = this.nowMs + ms
    while (!done()) {
      const arrivalMs = this.#arrivals[0]?.atMs ?? Infinity
      let first = -1
      for (const [n, { alive, engine }] of this.nodes.entries()) {
        if (alive && (first < 0 || engine.deadlineMs < this.nodes[first]!.engine.deadlineMs)) first = n
      }
      const deadlineMs = first < 0 ? Infinity : this.nodes[first]!.engine.deadlineMs
      if (Math.min(arrivalMs, deadlineMs) > endMs) break
      this.nowMs = Math.min(arrivalMs, deadlineMs)
      if (arrivalMs <= deadlineMs) this.#arrivals.shift()!.arrive()
      else this.perform(first, this.nodes[first]!.engine.tick(this.nowMs))
    }
    if (!done()) this.nowMs = endMs
  }

  #later(arrive: () => void): void {
    this.#arrivals.push({ atMs: this.nowMs + LATENCY_MS, arrive })
  }
}

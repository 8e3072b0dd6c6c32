/** The hub attack: some nodes of a group become attackers, push one another into all views, and forward no update. */

import { shuffle } from '@rumormill/protocol/engine'
import { Colluder } from './colluder.ts'
import type { CycleGroup, CycleMembership } from './cycle-group.ts'
import { randomGroup } from './starts.ts'

export interface HubAttackOptions {
  readonly nodes: number
  readonly seed: number
  readonly membership: CycleMembership
  /** The share of the nodes that attack. */
  readonly share: number
  /** View exchanges that an attacker opens per cycle. */
  readonly pushes: number
}

/** The effect of the attack, as shares from 0 to 1. */
export interface Damage {
  /** The share of attackers among the entries of correct views. */
  readonly inViews: number
  /** The share of correct nodes with only attackers in their views. */
  readonly eclipsed: number
  /** The share of attackers among the targets that correct nodes chose since the last measurement. */
  readonly amongTargets: number
}

export class HubAttack {
  readonly group: CycleGroup
  readonly #options: HubAttackOptions
  readonly #attackers = new Set<number>()
  #choices = 0
  #choicesOfAttackers = 0

  constructor(options: HubAttackOptions) {
    this.#options = options
    const { nodes, seed, membership } = options
    this.group = randomGroup(nodes, {
      seed,
      membership,
      spreading: { push: true, pull: true },
      watch: (from, to, message) => {
        if (message.kind !== 'digest-request' || this.#attackers.has(from)) return
        this.#choices++
        if (this.#attackers.has(to)) this.#choicesOfAttackers++
      }
    })
  }

  /** Starts the attack; until then the attackers are correct nodes. */
  begin(): void {
    const { share, pushes, membership } = this.#options
    const nodes = this.group.live()
    shuffle(nodes, this.group.rng)
    const colluders = nodes.slice(0, Math.round(share * nodes.length))
    const victims = nodes.slice(colluders.length)
    const entries = Math.max(1, membership.viewSize >> 1)
    for (const colluder of colluders) {
      this.#attackers.add(colluder)
      this.group.replace(
        colluder,
        new Colluder(colluder, {
          colluders,
          victims,
          exchanges: pushes,
          entries,
          rng: this.group.rng
        })
      )
    }
  }

  /** Returns the correct nodes. */
  correct(): number[] {
    return this.group.live().filter((node) => !this.#attackers.has(node))
  }

  damage(): Damage {
    let entries = 0
    let poisoned = 0
    let eclipsed = 0
    const correct = this.correct()
    for (const node of correct) {
      const view = this.group.viewOf(node)
      const bad = view.filter((other) => this.#attackers.has(other)).length
      entries += view.length
      poisoned += bad
      if (bad === view.length) eclipsed++
    }
    const amongTargets = this.#choicesOfAttackers / Math.max(1, this.#choices)
    this.#choices = 0
    this.#choicesOfAttackers = 0
    return {
      inViews: poisoned / Math.max(1, entries),
      eclipsed: eclipsed / correct.length,
      amongTargets
    }
  }

  /** Submits an update at a correct node, and returns the share of correct nodes that have it after each of `rounds`. */
  spread(rounds: number): number[] {
    const correct = this.correct()
    const content = Uint8Array.from({ length: 16 }, () => this.group.rng.below(256))
    const digest = this.group.submit(correct[this.group.rng.below(correct.length)]!, content)
    return Array.from({ length: rounds }, () => {
      this.group.cycle()
      return this.group.reached(digest) / correct.length
    })
  }
}

/** The hub attack: some of a group turn, push one another into all views, and swallow every update. */

import { shuffle } from '@rumormill/protocol'
import { Colluder } from './colluder.ts'
import type { CycleGroup, CycleMembership } from './cycle-group.ts'
import { randomGroup } from './starts.ts'

export interface HubAttackOptions {
  readonly nodes: number
  readonly seed: number
  readonly membership: CycleMembership
  /** Which part of the nodes turns. */
  readonly share: number
  /** Exchanges that an attacker opens per cycle. */
  readonly pushes: number
}

/** What the attack has come to, in shares of one. */
export interface Damage {
  /** Attackers among the entries of correct views. */
  readonly inViews: number
  /** Correct nodes that have nobody but attackers in their views. */
  readonly eclipsed: number
  /** Attackers among the targets that correct nodes chose since the last question. */
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

  /** Lets the attackers turn, who have been correct so far. */
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

  /** The nodes that have not turned. */
  correct(): number[] {
    return this.group.live().filter((node) => !this.#attackers.has(node))
  }

  damage(): Damage {
    let entries = 0
    let poisoned = 0
    let eclipsed = 0
    const correct = this.correct()
    for (const node of correct) {
      const known = this.group.known(node)
      const bad = known.filter((other) => this.#attackers.has(other)).length
      entries += known.length
      poisoned += bad
      if (bad === known.length) eclipsed++
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

  /** Submits an update at a correct node, and returns which part of the correct nodes have it after each of `rounds`. */
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

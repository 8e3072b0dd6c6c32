/** Partitions as in Maelstrom: they start and end about ten seconds apart. */

import { shuffle } from '@rumormill/protocol/engine'
import type { Rng } from '@rumormill/protocol/plugin'
import type { Network } from './network.ts'

const MEAN_APART_MS = 10_000

/** Starts the partitions; the returned function stops and heals them. */
export function startNemesis(network: Network, rng: Rng): () => void {
  let alarm: NodeJS.Timeout
  let isCut = false
  const next = (): void => {
    alarm = setTimeout(
      () => {
        isCut = !isCut
        if (isCut) network.cut(shape(network.names, rng))
        else network.heal()
        next()
      },
      2 * MEAN_APART_MS * rng.fraction()
    )
  }
  next()
  return () => {
    clearTimeout(alarm)
    network.heal()
  }
}

/** Returns whether a random partition cuts a link: one node alone, a random majority, up to a third cut off, or overlapping majorities in a ring. */
function shape(names: readonly string[], rng: Rng): (from: string, to: string) => boolean {
  const order = [...names]
  shuffle(order, rng)
  const place = new Map(order.map((name, index) => [name, index]))
  const kind = rng.below(4)
  if (kind === 3) {
    const reach = Math.floor(order.length / 4)
    return (from, to) => {
      const apart = Math.abs(place.get(from)! - place.get(to)!)
      return Math.min(apart, order.length - apart) > reach
    }
  }
  const cutOff =
    kind === 0
      ? 1
      : kind === 1
        ? Math.floor((order.length - 1) / 2)
        : 1 + rng.below(Math.ceil(order.length / 3))
  return (from, to) => place.get(from)! < cutOff !== place.get(to)! < cutOff
}

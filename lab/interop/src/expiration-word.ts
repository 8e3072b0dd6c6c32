/** Formats and parses expirations on the command line of a node. */

import type { Expiration } from '@rumormill/protocol'

export function wordOf(expiration: Expiration): string {
  switch (expiration.mode) {
    case 'none':
      return 'none'
    case 'duration':
      return `duration:${expiration.ms}`
    case 'pushCount':
      return `pushes:${expiration.count}`
    case 'mostRecent':
      return `recent:${expiration.count}:${expiration.margin}`
  }
}

/** Parses an expiration. Throws for anything else. */
export function expirationOf(word: string): Expiration {
  const [mode, one, other] = word.split(':')
  switch (mode) {
    case 'none':
      return { mode: 'none' }
    case 'duration':
      return { mode: 'duration', ms: Number(one) }
    case 'pushes':
      return { mode: 'pushCount', count: Number(one) }
    case 'recent':
      return { mode: 'mostRecent', count: Number(one), margin: Number(other) }
    default:
      throw new Error(`${word} is not an expiration`)
  }
}

/** Parses an integer of the command line. */

import { InvalidArgumentError } from '@commander-js/extra-typings'

export function integer(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give an integer.')
  return Number(text)
}

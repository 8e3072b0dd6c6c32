/** A whole number of the command line. */

import { InvalidArgumentError } from '@commander-js/extra-typings'

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.')
  return Number(text)
}

/** What the commands make of the words they are given. */

import { InvalidArgumentError } from 'commander'

/** An integer from 0. */
export function integer(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('Give an integer.')
  return number
}

/** A share of a whole: above 0 and below 1. */
export function shareOfOne(text: string): number {
  const share = Number(text)
  if (text.trim() === '' || !(share > 0 && share < 1))
    throw new InvalidArgumentError('Give a share between 0 and 1.')
  return share
}

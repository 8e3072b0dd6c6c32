/** What the benchmarks claim: a figure, nearly always a ratio of two that were measured in one run, and what it should be. */

/** One row of the table. */
export interface Claim {
  /** By which the table and the baseline know it. */
  readonly row: string
  readonly what: string
  readonly figure: number
  /** Whether more of it is better, or less. */
  readonly better: 'more' | 'less'
  readonly goal: number
  /** A goal hardly anybody would set. */
  readonly extreme: number
}

/** How good a figure is. */
export function gradeOf({ figure, better, goal, extreme }: Claim): 'extreme' | 'goal' | 'missed' {
  const reaches = (limit: number): boolean => (better === 'more' ? figure >= limit : figure <= limit)
  return reaches(extreme) ? 'extreme' : reaches(goal) ? 'goal' : 'missed'
}

/** Prints a claim: as JSON, or in words. */
export function printClaim(claim: Claim, json: boolean): void {
  if (json) return console.log(JSON.stringify({ claim }))
  const { row, what, figure, better, goal, extreme } = claim
  const sign = better === 'more' ? '>=' : '<='
  console.log(`${row.padEnd(3)} ${what}: ${rounded(figure)} (goal ${sign} ${rounded(goal)}, extreme ${sign} ${rounded(extreme)}): ${gradeOf(claim)}`)
}

export function rounded(figure: number): string {
  return Number(figure.toPrecision(3)).toString()
}

export function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1]!
}

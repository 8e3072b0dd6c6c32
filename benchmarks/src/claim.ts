/** What the benchmarks claim: a figure, nearly always a ratio of two that were measured in one run, and what it should be. */

/** One row of the table. */
export interface Claim {
  /** By which the table and the baseline know it. */
  readonly row: string
  readonly what: string
  readonly figure: number
  /** Whether more of it is better, or less. */
  readonly better: 'more' | 'less'
  /** None where only the {@link extreme} was set. */
  readonly goal?: number
  /** A goal hardly anybody would set. */
  readonly extreme: number
}

/** How good a figure is; `open` when it has no goal and is short of the extreme. */
export function gradeOf({
  figure,
  better,
  goal,
  extreme
}: Claim): 'extreme' | 'goal' | 'missed' | 'open' {
  const reaches = (limit: number): boolean =>
    better === 'more' ? figure >= limit : figure <= limit
  if (reaches(extreme)) return 'extreme'
  if (goal === undefined) return 'open'
  return reaches(goal) ? 'goal' : 'missed'
}

/** Goal and extreme of a claim, to be shown. */
export function limitsOf({ better, goal, extreme }: Claim): { goal: string; extreme: string } {
  const sign = better === 'more' ? '≥' : '≤'
  return {
    goal: goal === undefined ? '-' : `${sign} ${rounded(goal)}`,
    extreme: `${sign} ${rounded(extreme)}`
  }
}

/** Prints a claim: as JSON, or in words. */
export function printClaim(claim: Claim, json: boolean): void {
  if (json) return console.log(JSON.stringify({ claim }))
  const { goal, extreme } = limitsOf(claim)
  console.log(
    `${claim.row.padEnd(3)} ${claim.what}: ${rounded(claim.figure)} (goal ${goal}, extreme ${extreme}): ${gradeOf(claim)}`
  )
}

export function rounded(figure: number): string {
  return Number(figure.toPrecision(3)).toString()
}

export function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1]!
}

/** The claims of the benchmarks: a figure, usually a ratio of two measured in one run, and its goal. */

/** One row of the table. */
export interface Claim {
  /** The id in the table and the baseline. */
  readonly row: string
  readonly what: string
  readonly figure: number
  /** Whether a higher or a lower figure is better. */
  readonly better: 'more' | 'less'
  /** Undefined if only the {@link extreme} was set. */
  readonly goal?: number
  /** An extreme goal. */
  readonly extreme: number
}

/** Returns the grade of a figure; `open` when it has no goal and misses the extreme. */
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

/** Returns the texts of goal and extreme. */
export function limitsOf({ better, goal, extreme }: Claim): { goal: string; extreme: string } {
  const sign = better === 'more' ? '≥' : '≤'
  return {
    goal: goal === undefined ? '-' : `${sign} ${rounded(goal)}`,
    extreme: `${sign} ${rounded(extreme)}`
  }
}

/** Prints a claim as JSON or as text. */
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

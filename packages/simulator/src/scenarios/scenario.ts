/** What a named scenario of `npm run simulate` is. */

export interface ScenarioOptions {
  readonly nodes: number
  readonly seed: number
  /** Which part of the nodes attack, in scenarios with attackers; how many exchanges each opens per cycle. */
  readonly share: number
  readonly pushes: number
  /** Whether the others are hardened. */
  readonly hardened: boolean
  /** Told how far the run is. */
  readonly progress: (doing: string) => void
}

export interface ScenarioResult {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly number[])[]
  /** What the group should be at the end, and is not; empty when all is well. */
  readonly complaints: readonly string[]
}

export interface Scenario {
  readonly name: string
  readonly about: string
  readonly run: (options: ScenarioOptions) => ScenarioResult
}

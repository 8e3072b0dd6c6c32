/** The interface of the named scenarios of `npm run simulate`. */

export interface ScenarioOptions {
  readonly nodes: number
  readonly seed: number
  /** In scenarios with attackers, their share of the nodes, and the view exchanges that each opens per cycle. */
  readonly share: number
  readonly pushes: number
  /** Whether the correct nodes are hardened. */
  readonly hardened: boolean
  /** Reports the progress of the run. */
  readonly progress: (doing: string) => void
}

export interface ScenarioResult {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly number[])[]
  /** The failed conditions; empty when the scenario succeeded. */
  readonly complaints: readonly string[]
}

export interface Scenario {
  readonly name: string
  readonly about: string
  readonly run: (options: ScenarioOptions) => ScenarioResult
}

/** What passes between the server of the demo and its page: news one way, commands the other. */

/** How a run was set up. */
export interface RunSettings {
  readonly nodes: number
  readonly transport: string
  readonly codec: string
  /** The named set of paces: `local`, `lan`, ... */
  readonly preset: string
}

/** What a node holds, and has counted since its start. */
export interface NodeFigures {
  /** Updates that wait for the handler, and messages that wait for the network. */
  readonly waiting: number
  readonly sending: number
  readonly neighbors: number
  readonly updates: number
  readonly submitted: number
  readonly delivered: number
  /** Contents that arrived, those that were known already among them. */
  readonly copies: number
  readonly sentMessages: number
  readonly sentBytes: number
  readonly receivedMessages: number
  readonly receivedBytes: number
  readonly dropped: number
  readonly failed: number
}

/** One node, as it last told of itself. */
export interface NodeState extends NodeFigures {
  readonly status: 'starting' | 'up' | 'down'
  /** How often it was restarted. */
  readonly life: number
  readonly address: string
  /** The number and the age of each entry. An entry of an earlier life has the number -1 - n. */
  readonly view: readonly (readonly [node: number, age: number])[]
}

/** How a run is doing, counting the lines of the file only; what is lost, and how late, is known at its end. */
export interface RunProgress {
  readonly connected: number
  readonly updates: number
  readonly submitted: number
  readonly expected: number
  readonly delivered: number
  readonly lost: number
  readonly duplicates: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

/** The whole group at a moment; the event `state`. */
export interface GroupState {
  /** Counts the runs of this server. */
  readonly run: number
  /** Whether the file is still being spread. */
  readonly feeding: boolean
  readonly settings: RunSettings
  readonly progress: RunProgress
  /** The numbers of one side of the cut; none when nothing is cut. */
  readonly side: readonly number[]
  /** By number. */
  readonly nodes: readonly NodeState[]
}

/** How one update has spread so far; the event `spread`, told again whenever it has come further. */
export interface Spread {
  readonly run: number
  readonly id: number
  readonly origin: number
  readonly text: string
  /** Who has it, from whom first (-1: not known), and how many milliseconds after its submission. */
  readonly arrivals: readonly (readonly [node: number, from: number, afterMs: number])[]
  /** Whether all living nodes have it. */
  readonly complete: boolean
}

/** How long updates took to all living nodes; the event `times`. */
export interface Times {
  readonly run: number
  readonly times: readonly (readonly [id: number, toAllMs: number])[]
}

/** How many copies arrived for each delivery, from one moment to the next; the event `redundancy`. */
export interface RedundancyNews {
  readonly run: number
  /** Seconds since the start of the run. */
  readonly points: readonly (readonly [atSeconds: number, copies: number])[]
}

/** What the page may ask for: the body of `POST /command`. */
export type Command =
  | { readonly kind: 'submit'; readonly node: number; readonly text: string }
  | { readonly kind: 'kill' | 'restart'; readonly node: number }
  | { readonly kind: 'cut'; readonly nodes: readonly number[] }
  | { readonly kind: 'heal' }
  | ({ readonly kind: 'run' } & RunSettings)

/** Why a command was not done: the body of an answer that is not 200. */
export interface Refusal {
  readonly code: 'BAD_COMMAND' | 'FOREIGN' | 'TOO_LARGE' | 'NOT_NOW' | 'FAILED'
  readonly message: string
}

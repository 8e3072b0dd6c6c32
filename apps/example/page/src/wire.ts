/** The messages between the server of the demo and its page: events from the server, commands from the page. */

/** The settings of a run. */
export interface RunSettings {
  readonly nodes: number
  readonly transport: string
  readonly codec: string
  /** The preset: `local`, `lan`, ... */
  readonly preset: string
}

/** The figures of a node: what it holds, and what it has counted since its start. */
export interface NodeFigures {
  /** Updates that wait for the handler, and messages that wait for the network. */
  readonly waiting: number
  readonly sending: number
  readonly neighbors: number
  readonly updates: number
  readonly submitted: number
  readonly delivered: number
  /** Contents that arrived, including those that the node already had. */
  readonly copies: number
  readonly sentMessages: number
  readonly sentBytes: number
  readonly receivedMessages: number
  readonly receivedBytes: number
  readonly dropped: number
  readonly failed: number
}

/** The last reported state of a node. */
export interface NodeState extends NodeFigures {
  readonly status: 'starting' | 'up' | 'down'
  /** How often it was restarted. */
  readonly life: number
  readonly address: string
  /** The node number and the age of each entry. An entry of an earlier life of node n has the number -1 - n. */
  readonly view: readonly (readonly [node: number, age: number])[]
}

/** The progress of a run, for the lines of the file only. Losses and latencies are known at its end. */
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

/** The state of the whole group; the event `state`. */
export interface GroupState {
  /** The number of the run on this server. */
  readonly run: number
  /** Whether lines of the file are still being submitted or delivered. */
  readonly feeding: boolean
  readonly settings: RunSettings
  readonly progress: RunProgress
  /** The nodes on one side of the partition; empty without a partition. */
  readonly side: readonly number[]
  /** The nodes by number. */
  readonly nodes: readonly NodeState[]
}

/** How one update has spread so far; the event `spread`, sent again whenever it has spread further. */
export interface Spread {
  readonly run: number
  readonly id: number
  readonly origin: number
  readonly text: string
  /** The nodes that have it, the node that sent it first (-1: unknown), and the milliseconds after its submission. */
  readonly arrivals: readonly (readonly [node: number, from: number, afterMs: number])[]
  /** Whether all live nodes have it. */
  readonly complete: boolean
}

/** How long updates took to all live nodes; the event `times`. */
export interface Times {
  readonly run: number
  readonly times: readonly (readonly [id: number, toAllMs: number])[]
}

/** Samples of the copies per delivery; the event `redundancy`. */
export interface RedundancyNews {
  readonly run: number
  /** Seconds since the start of the run. */
  readonly points: readonly (readonly [atSeconds: number, copies: number])[]
}

/** A command of the page: the body of `POST /command`. */
export type Command =
  | { readonly kind: 'submit'; readonly node: number; readonly text: string }
  | { readonly kind: 'kill' | 'restart'; readonly node: number }
  | { readonly kind: 'partition'; readonly nodes: readonly number[] }
  | { readonly kind: 'heal' }
  | ({ readonly kind: 'run' } & RunSettings)

/** The reason why a command was refused: the body of a response other than 200. */
export interface Refusal {
  readonly code: 'BAD_COMMAND' | 'FOREIGN' | 'TOO_LARGE' | 'NOT_NOW' | 'FAILED'
  readonly message: string
}

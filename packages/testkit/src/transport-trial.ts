/** What the cases of the transport suite are run on: nodes that remember what they heard, and time that passes. */

import { isAddress, type Address, type Transport } from '@rumormill/protocol'
import { createPatience, type Patience, type PatienceOptions } from './patience.ts'

/** Makes a transport that was never started. All that it makes can reach one another. */
export type CreateTransport = (options?: { address?: Address }) => Transport | Promise<Transport>

/** What differs between transports. */
export interface TransportConformanceOptions extends PatienceOptions {
  /** A well-formed address where nobody is. Sends to it must fail within `timeoutMs`. */
  readonly unreachable: Address
  /**
   * Whether `create({ address })` makes a transport that starts at `address`, given out by the start of an earlier one.
   * Adds cases about restarts and taken addresses.
   */
  readonly reusesAddresses: boolean
  /**
   * Whether the transport verifies who sends, so that `from` is always the very address that the sender's start gave.
   * Others may know a sender by another name that reaches it. Adds a case. Default false.
   */
  readonly authenticated?: boolean
  /**
   * Whether a peer of another protocol gets as far as the transport it sends to, which then reports it. Default true;
   * false where the layer below turns it away unseen. The sender is told in any case.
   */
  readonly seesStrangers?: boolean
  /**
   * Whether the transport keeps connections, and so calls `lost` when one breaks and has `dismiss`. Adds two cases. Default
   * false.
   */
  readonly hasConnections?: boolean
  /**
   * For transports that verify who sends: makes one that claims to be at `address`, where another node is. Adds a case
   * that nothing arrives under the other's name.
   */
  readonly createImpostor?: (address: Address) => Transport | Promise<Transport>
  /** How long to watch for what must not happen. Default 50. */
  readonly quietMs?: number
}

/** How a send, a start or a stop ended. */
export type Outcome<T = unknown> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown }

export interface Heard {
  readonly from: Address
  /** The very bytes that were received. */
  readonly bytes: Uint8Array
}

/** A started transport, and all that it reported. */
export interface TrialNode {
  readonly transport: Transport
  readonly address: Address
  readonly heard: readonly Heard[]
  readonly failures: readonly unknown[]
  /** The peers of which it was told that they are lost, and why. */
  readonly lost: readonly { readonly peer: Address; readonly error: unknown }[]
  /** Never rejects; may never settle. */
  send(to: Address, bytes: Uint8Array, signal?: AbortSignal): Promise<Outcome>
  stop(): Promise<Outcome>
}

export interface TrialNodeOptions {
  readonly address?: Address
  readonly protocol?: string
  /** Called with what was received, after it was noted. What it throws, the transport sees. */
  readonly receive?: (from: Address, bytes: Uint8Array) => void
}

export interface TransportTrial extends Patience {
  readonly options: TransportConformanceOptions
  /** A transport that is stopped when the case ends. */
  create(options?: { address?: Address }): Promise<Transport>
  createImpostor(address: Address): Promise<Transport>
  /** A started transport of the group of all others, unless `protocol` says otherwise. */
  node(options?: TrialNodeOptions): Promise<TrialNode>
  /** What became of a call. An error that is thrown instead of rejected fails the case. */
  attempt<T>(verb: string, call: () => Promise<T>): Promise<Outcome<T>>
  /** Starts `transport`; all that it says goes to the node of the outcome. */
  start(transport: Transport, options?: TrialNodeOptions): Promise<Outcome<TrialNode>>
  /** Time in which something forbidden would have happened. */
  quiet(): Promise<void>
}

/** One promise of the port: throws when it is broken. */
export interface TransportCase {
  readonly name: string
  readonly body: (trial: TransportTrial) => Promise<void>
}

/** The label of the group that the suite's nodes belong to. */
export const PROTOCOL = '/rumormill/1/conformance/test'

/** Runs `body` on a new trial; stops all that it made; fails for breaches that any call may show. */
export async function runTrial(
  create: CreateTransport,
  options: TransportConformanceOptions,
  body: TransportCase['body']
): Promise<void> {
  const trial = new Trial(create, options)
  const [failed, unstopped] = [
    await failureOf(() => body(trial)),
    await failureOf(() => trial.stopAll())
  ]
  // What the body threw says more than what came of it.
  if (failed !== undefined) throw failed.error
  if (unstopped !== undefined) throw unstopped.error
  const [breach] = trial.breaches
  if (breach !== undefined) throw new Error(breach)
}

async function failureOf(
  step: () => Promise<void>
): Promise<{ readonly error: unknown } | undefined> {
  try {
    await step()
    return undefined
  } catch (error) {
    return { error }
  }
}

class Trial implements TransportTrial {
  readonly options: TransportConformanceOptions
  readonly breaches: string[] = []
  readonly wait: Patience['wait']
  readonly until: Patience['until']
  readonly inTime: Patience['inTime']
  readonly #create: CreateTransport
  readonly #made: Transport[] = []
  /** How many calls of `send` are on the stack. */
  #sending = 0

  constructor(create: CreateTransport, options: TransportConformanceOptions) {
    this.#create = create
    this.options = options
    const patience = createPatience(options)
    this.wait = patience.wait
    this.until = patience.until
    this.inTime = patience.inTime
  }

  async create(options?: { address?: Address }): Promise<Transport> {
    return this.#keep(await this.#create(options))
  }

  async createImpostor(address: Address): Promise<Transport> {
    return this.#keep(await this.options.createImpostor!(address))
  }

  async node(options: TrialNodeOptions = {}): Promise<TrialNode> {
    const transport = await this.create(
      options.address === undefined ? undefined : { address: options.address }
    )
    const started = await this.start(transport, options)
    if (!started.ok)
      throw new Error(`a transport did not start: ${String(started.error)}`, {
        cause: started.error
      })
    return started.value
  }

  async start(transport: Transport, options: TrialNodeOptions = {}): Promise<Outcome<TrialNode>> {
    const heard: Heard[] = []
    const failures: unknown[] = []
    const lost: { peer: Address; error: unknown }[] = []
    let stopped = false
    const receive = (from: Address, bytes: Uint8Array): void => {
      this.#checkReceived(from, bytes)
      if (stopped) this.breaches.push('a message was received after stop had resolved')
      heard.push({ from, bytes })
      options.receive?.(from, bytes)
    }
    const receiver = {
      receive,
      fail: (error: unknown) => void failures.push(error),
      lost: (peer: Address, error: unknown) => {
        if (this.#sending > 0) this.breaches.push('lost was called from inside send')
        lost.push({ peer, error })
      }
    }
    const protocol = options.protocol ?? PROTOCOL
    const started = await this.inTime(
      'start',
      this.attempt('start', () => transport.start(receiver, { protocol }))
    )
    if (!started.ok) return started
    const stop = async (): Promise<Outcome> => {
      const outcome = await this.attempt('stop', () => transport.stop())
      stopped = true
      return outcome
    }
    const send = this.#sender(transport)
    return {
      ok: true,
      value: { transport, address: started.value, heard, failures, lost, send, stop }
    }
  }

  attempt<T>(verb: string, call: () => Promise<T>): Promise<Outcome<T>> {
    try {
      return call().then(
        (value) => ({ ok: true, value }) as const,
        (error: unknown) => ({ ok: false, error }) as const
      )
    } catch (error) {
      this.breaches.push(`${verb} threw ${String(error)} instead of giving a promise that rejects`)
      return Promise.resolve({ ok: false, error })
    }
  }

  quiet(): Promise<void> {
    return this.wait(this.options.quietMs ?? 50)
  }

  /** Stops everything at once. */
  async stopAll(): Promise<void> {
    const stopping = this.#made.map((each) => this.attempt('stop', () => each.stop()))
    for (const outcome of await this.inTime('stop', Promise.all(stopping))) {
      if (!outcome.ok)
        throw new Error(`stop rejected with ${String(outcome.error)}`, { cause: outcome.error })
    }
  }

  #keep(transport: Transport): Transport {
    this.#made.push(transport)
    return transport
  }

  #sender(transport: Transport): TrialNode['send'] {
    return (to, bytes, signal = new AbortController().signal) => {
      this.#sending++
      try {
        return this.attempt('send', () => transport.send(to, bytes, { signal }))
      } finally {
        this.#sending--
      }
    }
  }

  #checkReceived(from: Address, bytes: Uint8Array): void {
    if (this.#sending > 0) this.breaches.push('receive was called from inside send')
    if (!isAddress(from))
      this.breaches.push(`a message came from ${JSON.stringify(from)}, which is not an address`)
    if (!(bytes instanceof Uint8Array))
      this.breaches.push('a message was received that is not a Uint8Array')
  }
}

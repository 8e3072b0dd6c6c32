/** The context in which the cases of the transport suite run: nodes that record their messages, and a clock. */

import { isAddress, type Address, type Transport } from '@rumormill/protocol/plugin'
import { createPatience, type Patience, type PatienceOptions } from './patience.ts'

/** Creates a transport without starting it. All created transports must be able to reach one another. */
export type CreateTransport = (options?: { address?: Address }) => Transport | Promise<Transport>

/** The differences between transports. */
export interface TransportConformanceOptions extends PatienceOptions {
  /** A well-formed, unreachable address. Sends to it must fail within `timeoutMs`. */
  readonly unreachable: Address
  /**
   * Whether `create({ address })` creates a transport that starts at `address`, the address of an earlier one. Adds cases
   * about restarts and taken addresses.
   */
  readonly reusesAddresses: boolean
  /**
   * Whether the transport authenticates senders, so that `from` is always the address that the sender's start returned.
   * Otherwise it may be another address that reaches the sender. Adds a case. Default false.
   */
  readonly authenticated?: boolean
  /**
   * Whether the receiving transport sees a peer of another protocol, and so reports it. Default true; false where the layer
   * below refuses the peer. The sender must report it in any case.
   */
  readonly seesStrangers?: boolean
  /**
   * Whether the transport keeps connections, and so calls `lost` when one breaks and has `dismiss`. Adds two cases. Default
   * false.
   */
  readonly hasConnections?: boolean
  /**
   * For transports that authenticate senders: creates one that claims `address`, the address of another node. Adds a case
   * that no message arrives with the other's address.
   */
  readonly createImpostor?: (address: Address) => Transport | Promise<Transport>
  /** How long to wait for forbidden events, in milliseconds. Default 50. */
  readonly quietMs?: number
}

/** The result of a send, a start or a stop. */
export type CallResult<T = unknown> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown }

export interface Heard {
  readonly from: Address
  /** The received bytes, not a copy. */
  readonly bytes: Uint8Array
}

/** A started transport, and everything that it reported. */
export interface TrialNode {
  readonly transport: Transport
  readonly address: Address
  readonly heard: readonly Heard[]
  readonly failures: readonly unknown[]
  /** The peers of which it was told that they are lost, and why. */
  readonly lost: readonly { readonly peer: Address; readonly error: unknown }[]
  /** Never rejects; may never settle. */
  send(to: Address, bytes: Uint8Array, signal?: AbortSignal): Promise<CallResult>
  stop(): Promise<CallResult>
}

export interface TrialNodeOptions {
  readonly address?: Address
  readonly protocol?: string
  /** Is called with each received message after it was recorded. Its errors are thrown into the transport. */
  readonly receive?: (from: Address, bytes: Uint8Array) => void
}

export interface TransportTrial extends Patience {
  readonly options: TransportConformanceOptions
  /** Creates a transport that is stopped when the case ends. */
  create(options?: { address?: Address }): Promise<Transport>
  createImpostor(address: Address): Promise<Transport>
  /** Starts a transport in the group of all others, unless `protocol` differs. */
  node(options?: TrialNodeOptions): Promise<TrialNode>
  /** Returns the result of a call. An error that is thrown instead of rejected fails the case. */
  attempt<T>(verb: string, call: () => Promise<T>): Promise<CallResult<T>>
  /** Starts `transport`; the node of the result records its reports. */
  start(transport: Transport, options?: TrialNodeOptions): Promise<CallResult<TrialNode>>
  /** Waits for `quietMs`, in which forbidden events would happen. */
  quiet(): Promise<void>
}

/** One requirement of the port; throws when it is violated. */
export interface TransportCase {
  readonly name: string
  readonly body: (trial: TransportTrial) => Promise<void>
}

/** The protocol label of the suite's nodes. */
export const PROTOCOL = '/rumormill/1/conformance/test'

/** Runs `body` on a new trial, stops all its transports, and fails for violations that were seen during any call. */
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
  // The error of the body says more than a later one.
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

  async start(
    transport: Transport,
    options: TrialNodeOptions = {}
  ): Promise<CallResult<TrialNode>> {
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
    const stop = async (): Promise<CallResult> => {
      const result = await this.attempt('stop', () => transport.stop())
      stopped = true
      return result
    }
    const send = this.#sender(transport)
    return {
      ok: true,
      value: { transport, address: started.value, heard, failures, lost, send, stop }
    }
  }

  attempt<T>(verb: string, call: () => Promise<T>): Promise<CallResult<T>> {
    try {
      return call().then(
        (value) => ({ ok: true, value }) as const,
        (error: unknown) => ({ ok: false, error }) as const
      )
    } catch (error) {
      this.breaches.push(
        `${verb} threw ${String(error)} instead of returning a promise that rejects`
      )
      return Promise.resolve({ ok: false, error })
    }
  }

  quiet(): Promise<void> {
    return this.wait(this.options.quietMs ?? 50)
  }

  /** Stops everything at once. */
  async stopAll(): Promise<void> {
    const stopping = this.#made.map((each) => this.attempt('stop', () => each.stop()))
    for (const result of await this.inTime('stop', Promise.all(stopping))) {
      if (!result.ok)
        throw new Error(`stop rejected with ${String(result.error)}`, { cause: result.error })
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

/** Publishes one file: joins a group, waits until peers have fetched the bytes, and exits. */

import { createReadStream } from 'node:fs'
import { constants } from 'node:os'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { digestOf, type GossipEvent } from '@rumormill/protocol'
import { pipe } from 'it-pipe'
import { complaints, UsageError } from '../complaints.ts'
import { withDeadline } from '../deadline.ts'
import { createNode } from '../node.ts'
import { loadTransport, type JoinOptions } from '../plugins.ts'

export interface PublishOptions extends JoinOptions {
  readonly minPeers: number
  /** The time limit, in milliseconds. */
  readonly timeout: number
}

/** The longest message of the transport. A longer file cannot be an update, so the rest need not be read. */
const MAX_READ_BYTES = 1024 * 1024
/** The time in which peers send the active updates, to find out whether this one is among them: a few rounds of `local`. */
const CATCH_UP_MS = 400
const STEP_MS = 20

/** Runs the command. The exit code is 0 when enough peers fetched the bytes; otherwise the error says why not. */
export async function runPublish(
  file: string,
  options: PublishOptions,
  signal: AbortSignal
): Promise<number> {
  const content = await Promise.race([readContent(file), aborted(signal)])
  if (content === undefined) return exitCodeOf(signal)
  const { listen, advertise, keyFile, peer, transport, codec, network, minPeers, timeout } = options
  const fetched = new Fetched(minPeers)
  let lastComplaint: string | undefined
  const own = digestOf(content)
  const complain = complaints(peer, (complaint) => {
    lastComplaint = complaint
  })
  await loadTransport(transport)
  const service = createNode({
    transport,
    listen: { ...listen, advertise, keyFile },
    codec,
    peers: peer,
    network,
    preset: 'local',
    // Offers it to all peers at once: a peer that is offered it late may get it from another peer, and is not counted.
    antiEntropy: { fanout: minPeers },
    // The group already has it: peers send their active updates before they fetch new ones.
    onUpdate: ({ digest }) => {
      if (digest === own) fetched.markExisting()
    },
    observe: (event) => {
      complain(event)
      fetched.note(event)
    }
  })
  try {
    const ending = withDeadline(signal, timeout)
    await service.start()
    // Waits for enough peers, so that all of them fetch it from here; but missing peers must not delay the others.
    await fetched.untilHeard(withDeadline(ending, timeout / 2))
    await fetched.within(withDeadline(ending, CATCH_UP_MS))
    if (!fetched.isExisting) {
      service.submit(content)
      fetched.expect(own)
      await fetched.within(ending)
    }
    if (signal.aborted) return exitCodeOf(signal)
    if (fetched.isExisting) process.stderr.write('the group already has this update\n')
    else if (fetched.count < minPeers)
      throw new UsageError(fetched.shortfall(timeout, lastComplaint))
    process.stdout.write(`${own}\n`)
    return 0
  } finally {
    await service.stop()
  }
}

function exitCodeOf(signal: AbortSignal): number {
  return 128 + constants.signals[signal.reason as NodeJS.Signals]
}

/** Resolves with undefined when `signal` aborts. */
function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

/** Counts the peers that have fetched an update from this node. Other peers may have it from them. */
class Fetched {
  readonly #goal: number
  readonly #heard = new Set<string>()
  readonly #peers = new Set<string>()
  #digest: string | undefined
  /** Whether a peer had it before it was submitted here. */
  isExisting = false
  #reached: () => void = () => {}

  constructor(goal: number) {
    this.#goal = goal
  }

  get count(): number {
    return this.#peers.size
  }

  markExisting(): void {
    this.isExisting = true
    this.#reached()
  }

  expect(digest: string): void {
    this.#digest = digest
  }

  note(event: GossipEvent): void {
    if (event.kind === 'received' && this.#heard.size < this.#goal) this.#heard.add(event.from)
    if (event.kind !== 'served' || event.digest !== this.#digest) return
    this.#peers.add(event.to)
    if (this.#peers.size >= this.#goal) this.#reached()
  }

  /** Returns the message for too few peers. */
  shortfall(timeoutMs: number, lastComplaint: string | undefined): string {
    const reached = `${this.count} of ${this.#goal} peers (--min-peers) fetched it from this node within ${timeoutMs / 1000} s (--timeout)`
    const found =
      this.#heard.size < this.#goal
        ? `; only ${this.#heard.size} answered`
        : '; others may have got it from them'
    return `${reached}${found}${lastComplaint === undefined ? '' : `; last error: ${lastComplaint}`}`
  }

  /** Resolves when enough peers have answered, so that all can be offered the update without dialling first. */
  async untilHeard(signal: AbortSignal): Promise<void> {
    while (this.#heard.size < this.#goal && !signal.aborted) await delay(STEP_MS)
  }

  /** Resolves when the goal is reached, or `signal` aborts. */
  async within(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#reached = resolve
      if (signal.aborted || this.isExisting || this.count >= this.#goal) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }
}

async function readContent(file: string): Promise<Uint8Array> {
  const name = file === '-' ? 'the standard input' : file
  let content: Uint8Array
  try {
    const source: AsyncIterable<Uint8Array> = file === '-' ? process.stdin : createReadStream(file)
    content = await pipe(source, upToLimit, buffer)
  } catch (error) {
    throw new UsageError(`cannot read ${name}: ${(error as Error).message}`)
  }
  if (content.length === 0)
    throw new UsageError(`${name} is empty: an update must have at least one byte`)
  if (content.length > MAX_READ_BYTES) {
    throw new UsageError(`${name} is too large: an update may have at most ${MAX_READ_BYTES} bytes`)
  }
  return content
}

/** Reads until the limit is exceeded, so that endless input is refused as well. */
async function* upToLimit(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    yield chunk
    bytes += chunk.length
    if (bytes > MAX_READ_BYTES) return
  }
}

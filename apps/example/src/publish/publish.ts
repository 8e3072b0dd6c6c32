/** Publishes one file: joins a group, waits until peers have fetched the bytes, and leaves. */
import { createReadStream } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { GossipEvent } from '@rumormill/protocol'
import { concat } from 'uint8arrays'
import { complaints, UsageError } from '../complaints.ts'
import { withDeadline } from '../deadline.ts'
import { createNode } from '../node.ts'
import type { JoinOptions } from '../plugs.ts'

export interface PublishOptions extends JoinOptions {
  readonly minPeers: number
  /** Milliseconds. */
  readonly timeout: number
}

/** No update is longer than the longest message of the transport: what is beyond need not be read. */
const MAX_READ_BYTES = 1024 * 1024
/** The network has taken the bytes; before the connections close, they get the time to arrive. */
const LINGER_MS = 250
const STEP_MS = 20

/** The exit code is 0 when enough peers fetched the bytes; otherwise the error says what came in between. */
export async function runPublish(file: string, options: PublishOptions, signal: AbortSignal): Promise<number> {
  const content = await readContent(file)
  const { listen, advertise, keyFile, peer, transport, codec, network, minPeers, timeout } = options
  const fetched = new Fetched(minPeers)
  let lastComplaint = 'no peer asked for it'
  const complain = complaints(peer, (complaint) => { lastComplaint = complaint })
  const service = createNode({
    transport,
    listen: { ...listen, advertise, keyFile },
    codec,
    peers: peer,
    network,
    preset: 'local',
    // Told all at once: who is told too late has it from the others, and is not counted.
    dissemination: { fanout: minPeers },
    onUpdate: () => {},
    observe: (event) => {
      complain(event)
      fetched.hear(event)
    }
  })
  try {
    const ending = withDeadline(signal, timeout)
    await service.start()
    if (minPeers > 1) await fetched.untilHeard(ending)
    const { digest } = service.submit(content)
    fetched.expect(digest)
    await fetched.within(ending)
    if (signal.aborted) return 128 + constants.signals[signal.reason as NodeJS.Signals]
    if (fetched.count < minPeers) {
      const reached = `${fetched.count} of ${minPeers} peers (--min-peers) fetched it`
      const limit = `within ${timeout / 1000} s (--timeout)`
      throw new UsageError(`${reached} ${limit}; the last cause: ${lastComplaint}`)
    }
    await delay(LINGER_MS)
    process.stdout.write(`${digest}\n`)
    return 0
  } finally {
    await service.stop()
  }
}

/** The peers that have fetched an update from here. Who has it from another peer cannot be seen. */
class Fetched {
  readonly #goal: number
  readonly #heard = new Set<string>()
  readonly #peers = new Set<string>()
  #digest: string | undefined
  #reached: () => void = () => {}

  constructor(goal: number) {
    this.#goal = goal
  }

  get count(): number {
    return this.#peers.size
  }

  expect(digest: string): void {
    this.#digest = digest
  }

  hear(event: GossipEvent): void {
    if (event.kind === 'received' && this.#heard.size < this.#goal) this.#heard.add(event.from)
    if (event.kind !== 'served' || event.digest !== this.#digest) return
    this.#peers.add(event.to)
    if (this.#peers.size >= this.#goal) this.#reached()
  }

  /** Resolves when as many peers have been heard, so that all can be told without dialling first. */
  async untilHeard(signal: AbortSignal): Promise<void> {
    while (this.#heard.size < this.#goal && !signal.aborted) await delay(STEP_MS)
  }

  /** Resolves when the goal is reached, or `signal` aborts. */
  async within(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#reached = resolve
      if (signal.aborted || this.count >= this.#goal) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }
}

async function readContent(file: string): Promise<Uint8Array> {
  const name = file === '-' ? 'the standard input' : file
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of file === '-' ? process.stdin : createReadStream(file)) {
      chunks.push(chunk as Uint8Array)
      bytes += (chunk as Uint8Array).length
      if (bytes > MAX_READ_BYTES) break
    }
  } catch (error) {
    throw new UsageError(`cannot read ${name}: ${(error as Error).message}`)
  }
  if (bytes === 0) throw new UsageError(`${name} is empty: an update has at least one byte`)
  if (bytes > MAX_READ_BYTES) {
    throw new UsageError(`${name} is too large: an update has at most ${MAX_READ_BYTES} bytes`)
  }
  return concat(chunks, bytes)
}

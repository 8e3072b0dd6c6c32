/** Row 36: one large update on a slow line. It must arrive, small ones must overtake it, and no peer may be reported. */

import { setTimeout as delay } from 'node:timers/promises'
import { amount, duration, ratio, type Figure } from '@rumormill/harness/figure'
import { quantile } from '@rumormill/harness/quantile'
import { machineMs } from '../machine-clock.ts'
import { UNJUDGED, type Row, type RowOptions, type RowResult, type Skip } from '../row.ts'
import { SwitchedSites } from '../switched-sites.ts'
import { TimedGroup } from '../timed-group.ts'
import type { TransportKind } from '../timed-node-process.ts'

const NODES = [0, 1, 2]
const SLOW = 2
const KBITS = 256
const LARGE_BYTES = 450_000
const SMALL_BYTES = 200
/** The interval of small updates per node. */
const EVERY_MS = 1000
/** The line needs 14 s for the large update. */
const LEAST_LARGE_MS = 10_000
const MOST_LARGE_MS = 60_000
/** The limit at p99 for small updates that cross the line beside the large one. */
const SMALL_P99_MS = 500
/** The least number of small updates for a p99, which only the full form reaches. */
const LEAST_SAMPLES = 200
const TIMEOUT_MS = 20_000

export const slowLine: Row = { number: 36, name: 'a large update, a slow line', mode: 'X', run }

async function run({ short }: RowOptions): Promise<RowResult | Skip> {
  const times = short ? 1 : 3
  using tcpLines = SwitchedSites.create(NODES.length)
  using libp2pLines = SwitchedSites.create(NODES.length)
  if (tcpLines === undefined || libp2pLines === undefined)
    return { skipped: 'needs root and `ip`, to make network namespaces' }
  if (!tcpLines.slow(SLOW, KBITS) || !libp2pLines.slow(SLOW, KBITS))
    return { skipped: 'needs `tc` and its `tbf`, to slow a line down' }
  const trials = [new Trial('tcp', tcpLines), new Trial('libp2p', libp2pLines)]
  const groups = trials.map(({ group }) => group)
  try {
    await Promise.all(trials.map((trial) => trial.run(times)))
    return {
      load: `3 processes, over TCP and over libp2p: ${SMALL_BYTES} bytes a second of each, and ${LARGE_BYTES} ${times === 1 ? 'once' : `${times} times`}`,
      faults: `the line of one takes ${KBITS} kbit/s each way`,
      badInputs: 0,
      lost: groups.reduce((sum, group) => sum + group.lost, 0),
      duplicates: groups.reduce((sum, group) => sum + group.duplicates, 0),
      figures: trials.flatMap((trial) => trial.figures),
      complaints: trials.flatMap((trial) => trial.complaints),
      misses: trials.flatMap((trial) => trial.misses)
    }
  } finally {
    await Promise.all(groups.map((group) => group.stop()))
  }
}

/** The trial of one transport, and its measurements. */
class Trial {
  readonly group: TimedGroup
  readonly complaints: string[] = []
  readonly #lines: SwitchedSites
  /** The times of the large updates to the slow node, and to the other one. */
  readonly #slowMs: number[] = []
  readonly #quickMs: number[] = []
  /** The times of the small updates that crossed the line beside a large one. */
  readonly #smallMs: number[] = []
  #crossedBytes = 0
  #failures = 0
  #isBusy = false

  constructor(kind: TransportKind, lines: SwitchedSites) {
    this.group = new TimedGroup(kind)
    this.#lines = lines
  }

  async run(times: number): Promise<void> {
    const { group } = this
    await group.start(this.#lines.sites)
    if (!(await group.whole(TIMEOUT_MS))) this.complaints.push(`${group.kind} is not complete`)
    const waiting = await group.watchWaiting()
    const sinceMs = machineMs()
    // The next large update starts when the last has arrived.
    for (let time = 0; time < times; time++) if (!(await this.#sendLarge())) break
    this.#isBusy = await waiting()
    await group.whole(TIMEOUT_MS)
    this.#judge(sinceMs)
  }

  get figures(): Figure[] {
    const { kind } = this.group
    const small = (quantileShare: number): number => quantile(this.#smallMs, quantileShare)
    const isExcused = this.#isBusy && this.#missed.length > 0
    return [
      duration(`${kind}, the large one`, this.#slowMs),
      duration(`${kind}, control on a quick line`, this.#quickMs),
      ratio(
        `${kind}, bytes that crossed, times those of the large one`,
        this.#crossedBytes / (LARGE_BYTES * this.#slowMs.length)
      ),
      amount(`${kind}, small ones beside it`, this.#smallMs.length),
      duration(`${kind}, their p50`, small(0.5)),
      duration(`${kind}, their p99`, small(0.99), {
        limit: SMALL_P99_MS,
        remark: isExcused ? UNJUDGED : undefined
      }),
      duration(`${kind}, the worst`, small(1))
    ]
  }

  get misses(): string[] {
    return this.#isBusy ? [] : this.#missed
  }

  /** The missed goals, which lose no update. */
  get #missed(): string[] {
    const { kind } = this.group
    const p99Ms = quantile(this.#smallMs, 0.99)
    return [
      ...(p99Ms <= SMALL_P99_MS || this.#smallMs.length < LEAST_SAMPLES
        ? []
        : [`${kind}: small ones beside the large one take ${p99Ms.toFixed(0)} ms at p99`]),
      ...(this.#failures === 0 ? [] : [`${kind}: correct peers were lost ${this.#failures} times`])
    ]
  }

  /** Waits for a large update while all nodes submit small ones. Returns whether it arrived. */
  async #sendLarge(): Promise<boolean> {
    const { group } = this
    const beforeBytes = this.#lines.receivedBytes(SLOW)
    const large = group.submit(0, LARGE_BYTES)
    const endMs = machineMs() + MOST_LARGE_MS
    while (group.heardMs(SLOW, large) === undefined && machineMs() < endMs) {
      for (const node of NODES) group.submit(node, SMALL_BYTES)
      await delay(EVERY_MS)
    }
    this.#crossedBytes += this.#lines.receivedBytes(SLOW) - beforeBytes
    const atMs = group.submittedMs(large)!
    const arrivedMs = group.heardMs(SLOW, large) ?? Infinity
    this.#slowMs.push(arrivedMs - atMs)
    this.#quickMs.push((group.heardMs(1, large) ?? Infinity) - atMs)
    await group.whole(TIMEOUT_MS)
    for (let id = large + 1; id < group.submitted.length; id++) this.#noteSmall(id, arrivedMs)
    return arrivedMs < Infinity
  }

  /** Records the time of a small update across the line, if the large one was under way when it was submitted. */
  #noteSmall(id: number, largeArrivedMs: number): void {
    const { group } = this
    const atMs = group.submittedMs(id)!
    if (atMs > largeArrivedMs) return
    const by = group.submitted[id]
    for (const node of NODES) {
      if (node === by || (node !== SLOW && by !== SLOW)) continue
      this.#smallMs.push((group.heardMs(node, id) ?? Infinity) - atMs)
    }
  }

  #judge(sinceMs: number): void {
    const { kind, members } = this.group
    const notes = members.flatMap((member) => member.notes.filter((note) => note.atMs >= sinceMs))
    this.#failures = notes.filter((note) => note.kind === 'failed').length
    const blamed = notes.filter(
      (note) =>
        note.kind === 'violation' ||
        (note.kind === 'dropped' && ['peer-distrusted', 'peer-banned'].includes(note.reason))
    )
    if (blamed.length > 0)
      this.complaints.push(`${kind}: correct peers were reported ${blamed.length} times`)
    // An earlier arrival would show that the line is not slow.
    if (!this.#slowMs.every((ms) => ms >= LEAST_LARGE_MS))
      this.complaints.push(`${kind}: the line was not slow`)
    if (!this.#quickMs.every((ms) => ms < LEAST_LARGE_MS))
      this.complaints.push(`${kind}: the control on a quick line was slow`)
  }
}

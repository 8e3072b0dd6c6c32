/** Row 34: a path that loses everything without any sign, and a process that stands still. The others must learn it soon. */

import { setTimeout as delay } from 'node:timers/promises'
import { machineMs } from '../machine-clock.ts'
import type { Row, RowOptions, RowResult, Skip } from '../row.ts'
import { SwitchedSites } from '../switched-sites.ts'
import { TimedGroup } from '../timed-group.ts'
import type { TransportKind } from '../timed-node-process.ts'
import { until } from '../until.ts'

const CUT = 2
const STOPPED = 3
/** Who must notice whom: the node behind the cut path sees all others disappear. */
const PATHS = [
  { by: 0, lost: CUT },
  { by: 1, lost: CUT },
  { by: CUT, lost: 0 },
  { by: CUT, lost: 1 }
]
const PROCESSES = [
  { by: 0, lost: STOPPED },
  { by: 1, lost: STOPPED }
]
/** The same path in the groups of two: between the first node and the one that is cut off. */
const ENDS = [
  { by: 0, lost: 1 },
  { by: 1, lost: 0 }
]
/** By default `silentMs` and `answerMs` make 5 s, and both are looked at twice a second. */
const WITHIN_MS = 6000
/** For a machine that is too busy to be judged: then it must happen, whenever. */
const TIMEOUT_MS = 15_000
/** Longer than `writeMs`: who rests has sent little, and not all of it is acknowledged. */
const REST_MS = 11_000
/** The longest that timers count. */
const NEVER_MS = 2 ** 31 - 1
const PATIENT = { silentMs: NEVER_MS, answerMs: NEVER_MS, writeMs: NEVER_MS }
const SILENCE = /has been silent for (\d+\.\d) s/

export const silentPath: Row = {
  number: 34,
  name: 'a path and a process fall silent',
  mode: 'X',
  run
}

async function run({ short }: RowOptions): Promise<RowResult | Skip> {
  const rounds = short ? 1 : 5
  using network = SwitchedSites.create(4)
  if (network === undefined) return { skipped: 'needs root and `ip`, to make network namespaces' }
  const trials = [new Trial('tcp', network), new Trial('libp2p', network)]
  try {
    await Promise.all(trials.map((trial) => trial.start()))
    let isWhole = true
    for (let round = 0; round < rounds; round++) {
      isWhole = await settle(trials.flatMap((trial) => trial.groups))
      if (!isWhole) break
      await fallSilent(network, trials)
      network.heal(CUT)
      for (const { group } of trials) group.signal(STOPPED, 'SIGCONT')
    }
    const groups = trials.map(({ group }) => group)
    isWhole &&= await areWhole(groups)
    const controls = rounds * trials.length
    const told = trials.reduce((sum, { controlsTold }) => sum + controlsTold, 0)
    return {
      load: '4 processes at rest, over TCP and over libp2p',
      faults: `a path is cut and a process stopped, ${rounds === 1 ? 'once' : `${rounds} times`}`,
      badInputs: 0,
      lost: groups.reduce((sum, group) => sum + group.lost, 0),
      duplicates: groups.reduce((sum, group) => sum + group.duplicates, 0),
      note:
        `${trials.map((trial) => trial.text).join('; ')}; limit ${WITHIN_MS / 1000}; ` +
        `control without these deadlines: told ${told} of ${controls} times`,
      complaints: [
        ...(isWhole ? [] : ['a group does not become whole']),
        ...trials.flatMap((trial) => trial.complaints),
        ...(told === 0 ? [] : ['the control run told it as well'])
      ]
    }
  } finally {
    await Promise.all(trials.map((trial) => trial.stop()))
  }
}

/** Cuts and stops, and waits until all is noticed, or would have been. */
async function fallSilent(network: SwitchedSites, trials: readonly Trial[]): Promise<void> {
  const waiting = await Promise.all(trials.map(({ group }) => group.watchWaiting([0, 1, CUT])))
  network.cut(CUT)
  // By now it is cut, if not before: what is late from here on is late.
  const sinceMs = machineMs()
  for (const { group, control } of trials) {
    group.signal(STOPPED, 'SIGSTOP')
    control.submit(0)
  }
  // The controls must have been silent as long as the others may take.
  await delay(WITHIN_MS)
  await until(() => trials.every((trial) => trial.isNoticed(sinceMs)), TIMEOUT_MS - WITHIN_MS, 50)
  for (const [index, trial] of trials.entries()) trial.conclude(sinceMs, await waiting[index]!())
}

/** Lets groups exchange something and rest. Who is still dialling when the path is cut learns it from the dial. */
async function settle(groups: readonly TimedGroup[]): Promise<boolean> {
  if (!(await areWhole(groups))) return false
  for (const group of groups) for (const node of group.members.keys()) group.submit(node)
  const isWhole = await areWhole(groups)
  await delay(REST_MS)
  return isWhole
}

async function areWhole(groups: readonly TimedGroup[]): Promise<boolean> {
  return (await Promise.all(groups.map((group) => group.whole(TIMEOUT_MS)))).every(Boolean)
}

/** How one silence was noticed: after how many milliseconds by the slowest node, infinite when one never did. */
interface Silence {
  readonly pathMs: number
  readonly processMs: number
  /** Until the views were without the lost ones. */
  readonly viewsMs: number
  /** Until the transport itself told it, with the length of the silence. */
  readonly transportMs: number
  /** The nodes had to wait for processors, so that their times are not judged. */
  readonly isBusy: boolean
}

/** One transport: a group as it is by default, one of which only the transport notices anything, and one that nobody tells. */
class Trial {
  readonly kind: TransportKind
  readonly group: TimedGroup
  readonly bare: TimedGroup
  readonly control: TimedGroup
  readonly complaints: string[] = []
  controlsTold = 0
  readonly #network: SwitchedSites
  readonly #silences: Silence[] = []

  constructor(kind: TransportKind, network: SwitchedSites) {
    this.kind = kind
    this.#network = network
    this.group = new TimedGroup(kind)
    this.bare = new TimedGroup(kind, { keepsPeers: true })
    this.control = new TimedGroup(kind, { keepsPeers: true, deadlines: PATIENT })
  }

  get groups(): TimedGroup[] {
    return [this.group, this.bare, this.control]
  }

  async start(): Promise<void> {
    const { sites } = this.#network
    const ends = [sites[0], sites[CUT]]
    await Promise.all([this.group.start(sites), this.bare.start(ends), this.control.start(ends)])
  }

  isNoticed(sinceMs: number): boolean {
    return Object.values(this.#silence(sinceMs, false)).every((value) => value < Infinity)
  }

  /** Judges a silence that began at `sinceMs`. */
  conclude(sinceMs: number, isBusy: boolean): void {
    const silence = this.#silence(sinceMs, isBusy)
    this.#silences.push(silence)
    const limitMs = isBusy ? TIMEOUT_MS : WITHIN_MS
    const late = (ms: number, what: string): string[] =>
      ms <= limitMs ? [] : [`${this.kind}: ${what} after ${seconds(ms)}`]
    this.complaints.push(
      ...late(silence.pathMs, 'a cut path was told'),
      ...late(silence.processMs, 'a stopped process was told'),
      ...late(silence.viewsMs, 'views were without the lost'),
      ...late(silence.transportMs, 'the transport told the length of a silence')
    )
    // Later libp2p notices by pings of its own.
    if (ENDS.some((pair) => toldMs(this.control, pair, sinceMs) <= WITHIN_MS)) this.controlsTold++
    if (this.control.missing(1).length === 0)
      this.complaints.push(`${this.kind}: an update passed the cut path`)
  }

  /** The slowest of all silences. */
  get text(): string {
    const worst = (of: (silence: Silence) => number): string =>
      seconds(Math.max(...this.#silences.map(of)))
    const busy = this.#silences.filter(isExcused).length
    return (
      `${this.kind}: a cut path told after ${worst(({ pathMs }) => pathMs)} at most, a stopped process after ${worst(({ processMs }) => processMs)}, ` +
      `both out of all views after ${worst(({ viewsMs }) => viewsMs)}, told by the transport alone after ${worst(({ transportMs }) => transportMs)}` +
      (busy === 0
        ? ''
        : ` (${busy} of ${this.#silences.length} not judged: the processors are full)`)
    )
  }

  async stop(): Promise<void> {
    await Promise.all(this.groups.map((group) => group.stop()))
  }

  #silence(sinceMs: number, isBusy: boolean): Silence {
    const { group, bare } = this
    const told = (pairs: readonly Pair[]): number =>
      Math.max(...pairs.map((pair) => toldMs(group, pair, sinceMs)))
    const left = [...PATHS, ...PROCESSES].map((pair) => leftMs(group, pair, sinceMs))
    return {
      pathMs: told(PATHS),
      processMs: told(PROCESSES),
      viewsMs: Math.max(...left),
      transportMs: Math.max(...ENDS.map((pair) => toldMs(bare, pair, sinceMs, true))),
      isBusy
    }
  }
}

/** Whether it was late, and the machine is to blame. */
function isExcused({ pathMs, processMs, viewsMs, transportMs, isBusy }: Silence): boolean {
  return isBusy && Math.max(pathMs, processMs, viewsMs, transportMs) > WITHIN_MS
}

type Pair = (typeof PATHS)[number]

/** After how long a node was told that another cannot be reached; with `byLength`, and for how long it had been silent. */
function toldMs(
  group: TimedGroup,
  { by, lost }: Pair,
  sinceMs: number,
  byLength: boolean = false
): number {
  const { address } = group.members[lost]!
  for (const note of group.members[by]!.notes) {
    if (note.kind !== 'failed' || note.peer !== address || note.atMs < sinceMs) continue
    if (note.code !== 'UNREACHABLE') continue
    const afterMs = note.atMs - sinceMs
    const silentMs = 1000 * Number(SILENCE.exec(note.message)?.[1])
    // A second more, as nothing may have been said for a while before.
    if (!byLength || (silentMs > 0 && silentMs <= afterMs + 1000)) return afterMs
  }
  return Infinity
}

/** After how long a node had another in its view no more; infinite while it has. */
function leftMs(group: TimedGroup, { by, lost }: Pair, sinceMs: number): number {
  const { address } = group.members[lost]!
  const left = group.members[by]!.notes.find(
    (note) => note.kind === 'view' && note.atMs >= sinceMs && !note.peers.includes(address)
  )
  return left === undefined ? Infinity : left.atMs - sinceMs
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}

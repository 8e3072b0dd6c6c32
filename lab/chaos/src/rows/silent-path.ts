/** Row 34: a path loses everything without any sign, and a process is suspended. The others must detect it soon. */

import { setTimeout as delay } from 'node:timers/promises'
import { amount, duration, type Figure } from '@rumormill/harness/figure'
import { until } from '@rumormill/harness/until'
import { machineMs } from '../machine-clock.ts'
import { UNJUDGED, type Row, type RowOptions, type RowResult, type Skip } from '../row.ts'
import { seconds } from '../seconds.ts'
import { SwitchedSites } from '../switched-sites.ts'
import { TimedGroup } from '../timed-group.ts'
import type { TransportKind } from '../timed-node-process.ts'

const CUT = 2
const STOPPED = 3
/** Which node must detect the loss of which: the node behind the cut path loses all others. */
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
/** The cut path in the groups of two nodes. */
const ENDS = [
  { by: 0, lost: 1 },
  { by: 1, lost: 0 }
]
/** The defaults of `silentMs` and `answerMs` add up to 5 s, and both are checked twice a second. */
const WITHIN_MS = 6000
/** The limit on a machine that is too busy for the other one. */
const TIMEOUT_MS = 15_000
/** Longer than `writeMs`: a resting node has sent little, and some of it may be unacknowledged. */
const REST_MS = 11_000
/** The longest delay of a timer. */
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
    const reported = trials.reduce((sum, { controlsReported }) => sum + controlsReported, 0)
    return {
      load: '4 processes at rest, over TCP and over libp2p',
      faults: `a path is cut and a process stopped, ${rounds === 1 ? 'once' : `${rounds} times`}`,
      badInputs: 0,
      lost: groups.reduce((sum, group) => sum + group.lost, 0),
      duplicates: groups.reduce((sum, group) => sum + group.duplicates, 0),
      figures: [
        ...trials.flatMap((trial) => trial.figures),
        amount('control without these deadlines, reported', reported, { of: controls })
      ],
      complaints: [
        ...(isWhole ? [] : ['a group did not become complete']),
        ...trials.flatMap((trial) => trial.complaints),
        ...(reported === 0 ? [] : ['the control run reported it, too'])
      ]
    }
  } finally {
    await Promise.all(trials.map((trial) => trial.stop()))
  }
}

/** Cuts the path and stops the process, and waits until everything is detected or too late. */
async function fallSilent(network: SwitchedSites, trials: readonly Trial[]): Promise<void> {
  const waiting = await Promise.all(trials.map(({ group }) => group.watchWaiting([0, 1, CUT])))
  network.cut(CUT)
  // The path is cut by now at the latest, so times count from here.
  const sinceMs = machineMs()
  for (const { group, control } of trials) {
    group.signal(STOPPED, 'SIGSTOP')
    control.submit(0)
  }
  // The controls must be silent for as long as the others may take.
  await delay(WITHIN_MS)
  await until(() => trials.every((trial) => trial.isNoticed(sinceMs)), TIMEOUT_MS - WITHIN_MS, 50)
  for (const [index, trial] of trials.entries()) trial.conclude(sinceMs, await waiting[index]!())
}

/** Lets groups exchange updates and then rest, so that no node is still dialling when the path is cut. */
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

/** The detection of one silence: the milliseconds of the slowest node, infinite when one never detected it. */
interface Silence {
  readonly pathMs: number
  readonly processMs: number
  /** The time until no view had a lost peer. */
  readonly viewsMs: number
  /** The time until the transport itself reported it, with the length of the silence. */
  readonly transportMs: number
  /** Whether the nodes had to wait for processors, so that their times do not count. */
  readonly isBusy: boolean
}

/** The trial of one transport: a default group, one in which only the transport detects silence, and a control without deadlines. */
class Trial {
  readonly kind: TransportKind
  readonly group: TimedGroup
  readonly bare: TimedGroup
  readonly control: TimedGroup
  readonly complaints: string[] = []
  controlsReported = 0
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

  /** Evaluates a silence that began at `sinceMs`. */
  conclude(sinceMs: number, isBusy: boolean): void {
    const silence = this.#silence(sinceMs, isBusy)
    this.#silences.push(silence)
    const limitMs = isBusy ? TIMEOUT_MS : WITHIN_MS
    const late = (ms: number, what: string): string[] =>
      ms <= limitMs ? [] : [`${this.kind}: ${what} after ${seconds(ms)}`]
    this.complaints.push(
      ...late(silence.pathMs, 'a cut path was reported'),
      ...late(silence.processMs, 'a stopped process was reported'),
      ...late(silence.viewsMs, 'views were without the lost peers'),
      ...late(silence.transportMs, 'the transport reported the length of a silence')
    )
    // Later reports may come from the pings of libp2p itself.
    if (ENDS.some((pair) => reportedMs(this.control, pair, sinceMs) <= WITHIN_MS))
      this.controlsReported++
    if (this.control.missing(1).length === 0)
      this.complaints.push(`${this.kind}: an update passed the cut path`)
  }

  /** The slowest detections. */
  get figures(): Figure[] {
    const busy = this.#silences.filter(isExcused).length
    const remark = busy === 0 ? undefined : `${busy} of ${this.#silences.length} ${UNJUDGED}`
    const worst = (what: string, of: (silence: Silence) => number): Figure =>
      duration(`${this.kind}, ${what}`, Math.max(...this.#silences.map(of)), {
        limit: WITHIN_MS,
        remark
      })
    return [
      worst('a cut path reported after at most', ({ pathMs }) => pathMs),
      worst('a stopped process', ({ processMs }) => processMs),
      worst('both out of all views', ({ viewsMs }) => viewsMs),
      worst('reported by the transport alone', ({ transportMs }) => transportMs)
    ]
  }

  async stop(): Promise<void> {
    await Promise.all(this.groups.map((group) => group.stop()))
  }

  #silence(sinceMs: number, isBusy: boolean): Silence {
    const { group, bare } = this
    const reported = (pairs: readonly Pair[]): number =>
      Math.max(...pairs.map((pair) => reportedMs(group, pair, sinceMs)))
    const left = [...PATHS, ...PROCESSES].map((pair) => leftMs(group, pair, sinceMs))
    return {
      pathMs: reported(PATHS),
      processMs: reported(PROCESSES),
      viewsMs: Math.max(...left),
      transportMs: Math.max(...ENDS.map((pair) => reportedMs(bare, pair, sinceMs, true))),
      isBusy
    }
  }
}

/** Returns whether it was late because the machine was busy. */
function isExcused({ pathMs, processMs, viewsMs, transportMs, isBusy }: Silence): boolean {
  return isBusy && Math.max(pathMs, processMs, viewsMs, transportMs) > WITHIN_MS
}

type Pair = (typeof PATHS)[number]

/** Returns the time until a node reported another as unreachable; with `byLength`, only reports with the length of the silence. */
function reportedMs(
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
    // A second more, because the path may have been quiet before the cut.
    if (!byLength || (silentMs > 0 && silentMs <= afterMs + 1000)) return afterMs
  }
  return Infinity
}

/** Returns the time until a node no longer had another in its view; infinite while it has. */
function leftMs(group: TimedGroup, { by, lost }: Pair, sinceMs: number): number {
  const { address } = group.members[lost]!
  const left = group.members[by]!.notes.find(
    (note) => note.kind === 'view' && note.atMs >= sinceMs && !note.peers.includes(address)
  )
  return left === undefined ? Infinity : left.atMs - sinceMs
}

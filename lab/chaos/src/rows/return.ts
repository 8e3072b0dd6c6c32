/** Row 35: a path works again after a long cut. The group must be complete at once, not only when TCP retransmits. */

import { setTimeout as delay } from 'node:timers/promises'
import { amount, duration, type Figure } from '@rumormill/harness/figure'
import { machineMs } from '../machine-clock.ts'
import { UNJUDGED, type Row, type RowOptions, type RowResult, type Skip } from '../row.ts'
import { seconds } from '../seconds.ts'
import { SwitchedSites } from '../switched-sites.ts'
import { TimedGroup } from '../timed-group.ts'

const NODES = [0, 1, 2]
const CUT = 2
/** The interval of updates per node while the path is cut. */
const EVERY_MS = 5000
const WITHIN_MS = 3000
/** The limit on a machine that is too busy for the other one. */
const TIMEOUT_MS = 20_000

export const pathReturns: Row = { number: 35, name: 'a path comes back', mode: 'X', run }

async function run({ short }: RowOptions): Promise<RowResult | Skip> {
  const holes = short ? [30] : [60, 240]
  using network = SwitchedSites.create(NODES.length)
  if (network === undefined) return { skipped: 'needs root and `ip`, to make network namespaces' }
  const groups = [new TimedGroup('tcp'), new TimedGroup('libp2p')]
  try {
    await Promise.all(groups.map((group) => group.start(network.sites)))
    const complaints = (await areWhole(groups)) ? [] : ['a group did not become complete']
    const back: Figure[] = []
    let crossed = 0
    for (const holeSeconds of complaints.length === 0 ? holes : []) {
      network.cut(CUT)
      const sinceIds = groups.map((group) => group.submitted.length)
      await submitFor(groups, 1000 * holeSeconds)
      crossed += groups.reduce((sum, group, index) => sum + crossedIn(group, sinceIds[index]!), 0)
      for (const group of groups) {
        if (hasParted(group)) continue
        complaints.push(`${group.kind}: a view kept lost peers for ${holeSeconds} s`)
      }
      network.heal(CUT)
      // The path works by now at the latest, so times count from here.
      const sinceMs = machineMs()
      for (const group of groups) for (const node of NODES) group.submit(node)
      const returns = await Promise.all(groups.map((group) => whole(group, sinceMs)))
      back.push(...returns.flatMap((each) => figuresOf(each, holeSeconds)))
      complaints.push(...returns.flatMap(complaintsOf))
    }
    return {
      load: '3 processes, over TCP and over libp2p, an update of each every 5 s',
      faults: `the path of one is cut for ${holes.join(' and ')} s`,
      badInputs: 0,
      lost: groups.reduce((sum, group) => sum + group.lost, 0),
      duplicates: groups.reduce((sum, group) => sum + group.duplicates, 0),
      figures: [...back, amount('control while it was cut, updates that crossed', crossed)],
      complaints: [...complaints, ...(crossed === 0 ? [] : ['updates crossed the cut path'])]
    }
  } finally {
    await Promise.all(groups.map((group) => group.stop()))
  }
}

async function areWhole(groups: readonly TimedGroup[]): Promise<boolean> {
  return (await Promise.all(groups.map((group) => group.whole(TIMEOUT_MS)))).every(Boolean)
}

/** Lets each node submit at intervals. */
async function submitFor(groups: readonly TimedGroup[], holeMs: number): Promise<void> {
  const endMs = machineMs() + holeMs
  for (;;) {
    const leftMs = endMs - machineMs()
    if (leftMs <= 0) return
    for (const group of groups) for (const node of NODES) group.submit(node)
    await delay(Math.min(EVERY_MS, leftMs))
  }
}

/** Returns how many of the updates from number `first` on crossed the cut path, in either direction. */
function crossedIn(group: TimedGroup, first: number): number {
  return group.submitted.slice(first).reduce((sum, by, index) => {
    const across = by === CUT ? NODES.filter((node) => node !== CUT) : [CUT]
    return sum + across.filter((node) => group.heardMs(node, first + index) !== undefined).length
  }, 0)
}

/** Returns whether no view has a peer of the other side. Otherwise the row would test nothing. */
function hasParted(group: TimedGroup): boolean {
  return NODES.every((node) => node === CUT || (!group.knows(node, CUT) && !group.knows(CUT, node)))
}

/** The recovery of one group. */
interface Return {
  readonly kind: string
  /** The time until the slowest node had all updates, and all others in its view; infinite when it never had. */
  readonly updatesMs: number
  readonly viewsMs: number
  /** Whether the nodes had to wait for processors, so that their times do not count. */
  readonly isBusy: boolean
}

async function whole(group: TimedGroup, sinceMs: number): Promise<Return> {
  const waiting = await group.watchWaiting()
  const isWhole = await group.whole(TIMEOUT_MS)
  const heardMs = NODES.flatMap((node) =>
    group.submitted.flatMap((by, id) =>
      by === node ? [] : [(group.heardMs(node, id) ?? Infinity) - sinceMs]
    )
  )
  const viewsMs = NODES.map((node) => acquaintedMs(group, node) - sinceMs)
  return {
    kind: group.kind,
    updatesMs: Math.max(...heardMs),
    viewsMs: isWhole ? Math.max(0, ...viewsMs) : Infinity,
    isBusy: await waiting()
  }
}

/** Returns the time since which a node has had all others in its view without a break. */
function acquaintedMs(group: TimedGroup, node: number): number {
  const others = group.members.filter((_, other) => other !== node)
  let sinceMs = Infinity
  for (const note of group.members[node]!.notes) {
    if (note.kind !== 'view') continue
    const hasAll = others.every(({ address }) => note.peers.includes(address))
    sinceMs = hasAll ? Math.min(sinceMs, note.atMs) : Infinity
  }
  return sinceMs
}

function complaintsOf({ kind, updatesMs, viewsMs, isBusy }: Return): string[] {
  const limitMs = isBusy ? TIMEOUT_MS : WITHIN_MS
  return [
    ...(updatesMs <= limitMs ? [] : [`${kind}: updates took ${seconds(updatesMs)}`]),
    ...(viewsMs <= limitMs ? [] : [`${kind}: views took ${seconds(viewsMs)}`])
  ]
}

function figuresOf({ kind, updatesMs, viewsMs, isBusy }: Return, holeSeconds: number): Figure[] {
  const isExcused = isBusy && Math.max(updatesMs, viewsMs) > WITHIN_MS
  const bounds = { limit: WITHIN_MS, remark: isExcused ? UNJUDGED : undefined }
  return [
    duration(`${kind}, all updates back after ${holeSeconds} s`, updatesMs, bounds),
    duration(`${kind}, all view entries`, viewsMs, bounds)
  ]
}

/** Row 38: one host keeps hundreds of connections to a node, silent or idle. Newcomers must get in all the same. */

import { amount, duration, type Figure } from '@rumormill/harness/figure'
import { until } from '@rumormill/harness/until'
import type { CrowdingNews, CrowdingOrder } from '../crowding-process.ts'
import { launch } from '../launch.ts'
import { machineMs } from '../machine-clock.ts'
import { UNJUDGED, type Row, type RowOptions, type RowResult, type Skip } from '../row.ts'
import { seconds } from '../seconds.ts'
import { SwitchedSites } from '../switched-sites.ts'
import { TimedGroup } from '../timed-group.ts'
import type { TransportKind } from '../timed-node-process.ts'

/** Where the node is, where the crowd, and where the newcomer that has an address of its own. The other shares the crowd's. */
const [NODE, CROWD, ELSEWHERE] = [0, 1, 2]
const SILENT = 80
const IDLE = 512
/** A key is made for each idle connection of libp2p, which takes a while. */
const SHORT_IDLE = 64
const WITHIN_MS = 5000
const TIMEOUT_MS = 60_000

export const crowds: Row = { number: 38, name: 'newcomers beside a crowd', mode: 'X', run }

async function run({ short }: RowOptions): Promise<RowResult | Skip> {
  const idle = short ? SHORT_IDLE : IDLE
  using network = SwitchedSites.create(3)
  if (network === undefined) return { skipped: 'needs root and `ip`, to make network namespaces' }
  const trials: Trial[] = []
  for (const kind of ['tcp', 'libp2p'] as const) trials.push(await crowd(kind, idle, network))
  return {
    load: '1 process and 2 newcomers, over TCP and over libp2p',
    faults: `${SILENT} silent sockets, always opened anew, and ${idle} idle connections, from one host`,
    badInputs: trials.reduce((sum, { opened }) => sum + opened, 0),
    lost: trials.reduce((sum, { lost }) => sum + lost, 0),
    duplicates: trials.reduce((sum, { duplicates }) => sum + duplicates, 0),
    figures: trials.flatMap(figuresOf),
    complaints: trials.flatMap((trial) => complaintsOf(trial, idle))
  }
}

/** How long newcomers took from their start until both sides knew one another; infinite when they did not. */
interface Trial {
  readonly kind: TransportKind
  readonly opened: number
  readonly elsewhereMs: number
  readonly besideMs: number
  readonly isBusy: boolean
  readonly lost: number
  readonly duplicates: number
}

async function crowd(kind: TransportKind, idle: number, { sites }: SwitchedSites): Promise<Trial> {
  const group = new TimedGroup(kind)
  const crowding = launch('./crowding-process.js', sites[CROWD]!.namespace)
  let news: CrowdingNews = { opened: 0, isComplete: false }
  crowding.on('message', (told: CrowdingNews) => {
    news = told
  })
  try {
    await group.start([sites[NODE]])
    const { address } = group.members[NODE]!
    const { host } = sites[CROWD]!
    const order = { transport: kind, address, host, silent: SILENT, idle }
    crowding.send(order satisfies CrowdingOrder)
    await until(() => news.isComplete, TIMEOUT_MS, 50)
    const waiting = await group.watchWaiting()
    // It comes first, as it must find its way to the node without the help of another.
    const besideMs = await join(group, sites[CROWD]!)
    const elsewhereMs = await join(group, sites[ELSEWHERE]!)
    const isBusy = await waiting()
    for (const member of group.members.keys()) group.submit(member)
    await until(() => group.lost === 0, TIMEOUT_MS, 50)
    const { lost, duplicates } = group
    return { kind, ...news, elsewhereMs, besideMs, isBusy, lost, duplicates }
  } finally {
    crowding.kill('SIGKILL')
    await group.stop()
  }
}

/** Starts a node at `place`, and returns how long it and the first one took to know one another. */
async function join(group: TimedGroup, place: SwitchedSites['sites'][number]): Promise<number> {
  await group.start([place])
  const sinceMs = machineMs()
  const number = group.members.length - 1
  const isIn = await until(
    () => group.knows(number, NODE) && group.knows(NODE, number),
    TIMEOUT_MS,
    10
  )
  return isIn ? machineMs() - sinceMs : Infinity
}

function complaintsOf(
  { kind, opened, elsewhereMs, besideMs, isBusy }: Trial,
  idle: number
): string[] {
  const limitMs = isBusy ? TIMEOUT_MS : WITHIN_MS
  const late = (ms: number, where: string): string[] =>
    ms <= limitMs ? [] : [`${kind}: a newcomer ${where} took ${seconds(ms)}`]
  return [
    ...late(elsewhereMs, 'from elsewhere'),
    ...late(besideMs, 'from the host of the crowd'),
    // As long as fewer came, nothing had to make room for a newcomer.
    ...(opened >= SILENT + idle / 2 ? [] : [`${kind}: the crowd opened ${opened} connections only`])
  ]
}

function figuresOf({ kind, opened, elsewhereMs, besideMs, isBusy }: Trial): Figure[] {
  const isExcused = isBusy && Math.max(elsewhereMs, besideMs) > WITHIN_MS
  const bounds = { limit: WITHIN_MS, remark: isExcused ? UNJUDGED : undefined }
  return [
    amount(`${kind}, connections opened`, opened),
    duration(`${kind}, a newcomer from elsewhere in after`, elsewhereMs, bounds),
    duration(`${kind}, one from the host of the crowd`, besideMs, bounds)
  ]
}

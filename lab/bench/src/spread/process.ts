/** Runs one group under all loads in its own process, so that memory and CPU time belong to this group only. */

import { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { collectGarbage, cpuMicros } from '@rumormill/harness/process-usage'
import { until } from '@rumormill/harness/until'
import { startGroup } from './group.ts'
import { NODES, type NodeKind } from './nodes.ts'

/** The argument of the process, as JSON. */
export interface SpreadOrder {
  readonly kind: NodeKind
  /** The number of updates of 1 KiB; a fifth of it for 64 KiB and 64 bytes, a twentieth for the latency. */
  readonly updates: number
  readonly idleMs: number
  /** The time before the measurement, in which Node.js compiles the code of a running group. */
  readonly warmUpMs: number
  /** The time until the memory is stable. */
  readonly restMs: number
}

/** The figures. Times are in milliseconds, CPU times in microseconds. */
export interface SpreadFigures {
  /** Updates of 1 KiB, 32 under way at a time. */
  readonly updatesPerSecond: number
  readonly cpuMicrosPerDelivery: number
  readonly wireRatio: number
  /** Updates of 64 KiB, 8 at a time. */
  readonly largePerSecond: number
  readonly largeWireRatio: number
  /** Updates of 64 bytes, 8 at a time. */
  readonly smallWireRatio: number
  /** The latency from the submission to each handler, for updates of 1 KiB, about one every 50 ms. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** The CPU time of one idle node per second. */
  readonly idleCpuMicros: number
  readonly rssBytesPerNode: number
  /** The share of expected deliveries that arrived in time. */
  readonly delivered: number
}

const KIB = 1024
const LOST_AFTER_MS = 30_000
/** The random gap between updates, so that they are not synchronized with the periods of the group. */
const TRICKLE_GAP_MS = { least: 30, most: 70 }
const REST_TURNS = 4
/** The most updates of the warm-up: fast groups need no more. */
const WARM_UP_UPDATES = 4000

const { kind, updates, idleMs, warmUpMs, restMs } = JSON.parse(process.argv[2]!) as SpreadOrder
/** The bytes of all contents, which differ only in their number. */
const noise = crypto.getRandomValues(new Uint8Array(64 * KIB))
let wireBytes = 0
countWrites()
const sentAtMs = new Map<number, number>()
const arrivals = new Map<number, number>()
const latenciesMs: number[] = []
let next = 0
let expected = 0
let came = 0
/** Is called when an update has reached all nodes. */
let reachedAll = (): void => {}

const emptyBytes = await restingBytes()
const nodes = await startGroup(kind, (content) => {
  const number = new DataView(content.buffer, content.byteOffset).getUint32(0)
  latenciesMs.push(performance.now() - sentAtMs.get(number)!)
  const reached = (arrivals.get(number) ?? 0) + 1
  arrivals.set(number, reached)
  came++
  if (reached === NODES - 1) queueMicrotask(reachedAll)
})
const rssBytesPerNode = ((await restingBytes()) - emptyBytes) / NODES
await stream(WARM_UP_UPDATES, KIB, 32, warmUpMs)
await delay(500)
const idleCpuMicros = await idle()
const medium = await stream(updates, KIB, 32)
await stream(updates, 64 * KIB, 8, warmUpMs / 2)
const large = await stream(updates / 5, 64 * KIB, 8)
const small = await stream(updates / 5, 64, 8)
latenciesMs.length = 0
for (let n = 0; n < updates / 20; n++) {
  submit(KIB)
  await delay(TRICKLE_GAP_MS.least + Math.random() * (TRICKLE_GAP_MS.most - TRICKLE_GAP_MS.least))
}
await until(() => came >= expected, LOST_AFTER_MS, 2)
const [p50Ms, p99Ms] = [quantile(0.5), quantile(0.99)]
await Promise.all(nodes.map((node) => node.stop()))
const figures: SpreadFigures = {
  updatesPerSecond: medium.perSecond,
  cpuMicrosPerDelivery: medium.cpuMicros,
  wireRatio: medium.wireRatio,
  largePerSecond: large.perSecond,
  largeWireRatio: large.wireRatio,
  smallWireRatio: small.wireRatio,
  p50Ms,
  p99Ms,
  idleCpuMicros,
  rssBytesPerNode,
  delivered: came / expected
}
process.send!(figures)
process.disconnect()

/** Counts the bytes that all sockets of this process write: after encryption, before TCP. */
function countWrites(): void {
  const prototype = Socket.prototype as { write: (this: Socket, ...args: unknown[]) => boolean }
  const { write } = prototype
  prototype.write = function counted(...args) {
    wireBytes += (args[0] as Uint8Array).length
    return write.apply(this, args)
  }
}

/** Returns the stable memory: Node.js releases memory gradually, some time after its use. */
async function restingBytes(): Promise<number> {
  for (let turn = 0; turn < REST_TURNS; turn++) {
    collectGarbage()
    await delay(restMs / REST_TURNS)
  }
  return process.memoryUsage().rss
}

async function idle(): Promise<number> {
  const before = cpuMicros()
  await delay(idleMs)
  return (cpuMicros() - before) / NODES / (idleMs / 1000)
}

function submit(bytes: number): void {
  const number = next++
  const content = noise.slice(0, bytes)
  new DataView(content.buffer).setUint32(0, number)
  sentAtMs.set(number, performance.now())
  expected += NODES - 1
  void nodes[number % NODES]!.submit(content)
}

/** Submits `count` updates, or as many as possible in `limitMs`; `window` at a time: the next when one has reached all nodes. */
async function stream(
  count: number,
  bytes: number,
  window: number,
  limitMs: number = Infinity
): Promise<{ perSecond: number; cpuMicros: number; wireRatio: number }> {
  const [cpuBefore, bytesBefore, cameBefore, beganMs] = [
    cpuMicros(),
    wireBytes,
    came,
    performance.now()
  ]
  let left = count
  let onTheirWay = 0
  const refill = (): void => {
    if (performance.now() - beganMs > limitMs) left = 0
    for (; onTheirWay < window && left > 0; left--, onTheirWay++) submit(bytes)
  }
  reachedAll = () => {
    onTheirWay--
    refill()
  }
  refill()
  await until(() => left === 0 && onTheirWay === 0, LOST_AFTER_MS, 2)
  reachedAll = () => {}
  const deliveries = came - cameBefore
  return {
    perSecond: ((deliveries / (NODES - 1)) * 1000) / (performance.now() - beganMs),
    cpuMicros: (cpuMicros() - cpuBefore) / deliveries,
    wireRatio: (wireBytes - bytesBefore) / (deliveries * bytes)
  }
}

function quantile(share: number): number {
  latenciesMs.sort((a, b) => a - b)
  return latenciesMs[Math.floor(share * (latenciesMs.length - 1))] ?? Number.NaN
}

/** One group under all loads, in a process of its own, so that memory and processor time are that group's alone. */

import { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { startGroup, until } from './group.ts'
import { NODES, type NodeKind } from './nodes.ts'

/** What a process is told on its command line, as JSON. */
export interface SpreadOrder {
  readonly kind: NodeKind
  /** How many updates of 1 KiB are spread; of 64 KiB and of 64 bytes a fifth, for the latency a twentieth. */
  readonly updates: number
  readonly idleMs: number
  /** Before anything is measured: Node has compiled by then what a group that has been up for a while runs. */
  readonly warmUpMs: number
  /** Until memory is at rest. */
  readonly restMs: number
}

/** What came out. Times in milliseconds, processor time in microseconds. */
export interface SpreadFigures {
  /** 1 KiB, 32 on their way at a time. */
  readonly updatesPerSecond: number
  readonly cpuMicrosPerDelivery: number
  readonly wireRatio: number
  /** 64 KiB, 8 at a time. */
  readonly largePerSecond: number
  readonly largeWireRatio: number
  /** 64 bytes, 8 at a time. */
  readonly smallWireRatio: number
  /** 1 KiB, one every 50 ms or so: from the submission to each handler. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of one node, in each second of doing nothing. */
  readonly idleCpuMicros: number
  readonly rssBytesPerNode: number
  /** The share of deliveries that came; less than 1 means that some are missing, or were waited for in vain. */
  readonly delivered: number
}

const KIB = 1024
const LOST_AFTER_MS = 30_000
/** From one update to the next: never the same, so that what a group does at intervals falls anywhere between them. */
const TRICKLE_GAP_MS = { least: 30, most: 70 }
const REST_TURNS = 4
/** A group that is quick is warm sooner, and need not remember more. */
const WARM_UP_UPDATES = 4000

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void

const { kind, updates, idleMs, warmUpMs, restMs } = JSON.parse(process.argv[2]!) as SpreadOrder
/** What contents are cut from: all that sets one apart is its number. */
const noise = crypto.getRandomValues(new Uint8Array(64 * KIB))
let wireBytes = 0
countWrites()
const sentAtMs = new Map<number, number>()
const arrivals = new Map<number, number>()
const latenciesMs: number[] = []
let next = 0
let wanted = 0
let came = 0
/** Called when an update has reached all. */
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
await until(() => came >= wanted, LOST_AFTER_MS)
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
  delivered: came / wanted
}
process.send!(figures)
process.disconnect()

/** Counts what all sockets of this process are given to write: after encryption, before TCP. */
function countWrites(): void {
  const prototype = Socket.prototype as { write: (this: Socket, ...args: unknown[]) => boolean }
  const { write } = prototype
  prototype.write = function counted(...args) {
    wireBytes += (args[0] as Uint8Array).length
    return write.apply(this, args)
  }
}

/** What stays: Node gives memory back little by little, some while after it was used. */
async function restingBytes(): Promise<number> {
  for (let turn = 0; turn < REST_TURNS; turn++) {
    collectGarbage()
    await delay(restMs / REST_TURNS)
  }
  return process.memoryUsage().rss
}

async function idle(): Promise<number> {
  const before = process.cpuUsage()
  await delay(idleMs)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / NODES / (idleMs / 1000)
}

function submit(bytes: number): void {
  const number = next++
  const content = noise.slice(0, bytes)
  new DataView(content.buffer).setUint32(0, number)
  sentAtMs.set(number, performance.now())
  wanted += NODES - 1
  void nodes[number % NODES]!.submit(content)
}

/** Spreads `count` updates or, for `limitMs`, as many as it can; `window` at a time: one more when one has reached all. */
async function stream(
  count: number,
  bytes: number,
  window: number,
  limitMs: number = Infinity
): Promise<{ perSecond: number; cpuMicros: number; wireRatio: number }> {
  const [cpuBefore, bytesBefore, cameBefore, beganMs] = [
    process.cpuUsage(),
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
  await until(() => left === 0 && onTheirWay === 0, LOST_AFTER_MS)
  reachedAll = () => {}
  const deliveries = came - cameBefore
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    perSecond: ((deliveries / (NODES - 1)) * 1000) / (performance.now() - beganMs),
    cpuMicros: (user + system) / deliveries,
    wireRatio: (wireBytes - bytesBefore) / (deliveries * bytes)
  }
}

function quantile(share: number): number {
  latenciesMs.sort((a, b) => a - b)
  return latenciesMs[Math.floor(share * (latenciesMs.length - 1))] ?? Number.NaN
}

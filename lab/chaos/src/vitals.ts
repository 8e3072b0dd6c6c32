/** The memory, the processor time and the event-loop delay of a process. */

import { createHistogram } from 'node:perf_hooks'
import { cpuMicros } from '@rumormill/harness/process-usage'

export interface Vitals {
  readonly rssBytes: number
  /** The 99th percentile of the event-loop delay by its own work, since the measurement was last restarted. */
  readonly delayP99Ms: number
  /** Processor time used since the start, in milliseconds. */
  readonly cpuMs: number
}

const RESOLUTION_MS = 10

/** Starts to measure this process. Returns a function for its vitals; `anew` restarts the measurement of the event loop. */
export function watchVitals(): (anew: boolean) => Vitals {
  const histogram = createHistogram()
  let lastMs = performance.now()
  let lastCpuMs = cpuMicros() / 1000
  setInterval(() => {
    const [nowMs, nowCpuMs] = [performance.now(), cpuMicros() / 1000]
    const lateMs = nowMs - lastMs - RESOLUTION_MS
    // A delay beyond its own processor time was caused by the machine.
    const ownMs = Math.min(lateMs, nowCpuMs - lastCpuMs)
    histogram.record(Math.max(1, Math.round(1e6 * ownMs)))
    lastMs = nowMs
    lastCpuMs = nowCpuMs
  }, RESOLUTION_MS).unref()
  return (anew) => {
    const delayP99Ms = histogram.percentile(99) / 1e6
    if (anew) histogram.reset()
    return { rssBytes: process.memoryUsage.rss(), delayP99Ms, cpuMs: cpuMicros() / 1000 }
  }
}

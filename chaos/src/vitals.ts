/** How a process feels: what it holds, and by how much its event loop is late. */

import { createHistogram } from 'node:perf_hooks'

export interface Vitals {
  readonly rssBytes: number
  /** By how much one turn of the event loop in a hundred is late by its own work, since it was last told to begin anew. */
  readonly delayP99Ms: number
  /** Processor time used since the start, in milliseconds. */
  readonly cpuMs: number
}

const RESOLUTION_MS = 10

/** Watches this process from now on. Asked with `anew`, it begins again to watch the loop. */
export function watchVitals(): (anew: boolean) => Vitals {
  const histogram = createHistogram()
  let lastMs = performance.now()
  let lastCpuMs = cpuMs()
  setInterval(() => {
    const [nowMs, nowCpuMs] = [performance.now(), cpuMs()]
    const lateMs = nowMs - lastMs - RESOLUTION_MS
    // What it was late by without working, it has waited for a processor: that is the machine's.
    const ownMs = Math.min(lateMs, nowCpuMs - lastCpuMs)
    histogram.record(Math.max(1, Math.round(1e6 * ownMs)))
    lastMs = nowMs
    lastCpuMs = nowCpuMs
  }, RESOLUTION_MS).unref()
  return (anew) => {
    const delayP99Ms = histogram.percentile(99) / 1e6
    if (anew) histogram.reset()
    return { rssBytes: process.memoryUsage.rss(), delayP99Ms, cpuMs: cpuMs() }
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** How a process feels: what it holds, and by how much its event loop is late. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface Vitals {
  readonly rssBytes: number
  /** The event loop's delay that one turn in a hundred exceeds, since it was last told to begin anew. */
  readonly delayP99Ms: number
  /** Processor time used since the start, in milliseconds. */
  readonly cpuMs: number
}

const RESOLUTION_MS = 10

/** Watches this process from now on. Asked with `anew`, it begins again to watch the loop. */
export function watchVitals(): (anew: boolean) => Vitals {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return (anew) => {
    // It measures from one sample to the next, so what it is to wait counts as well.
    const delayP99Ms = Math.max(0, histogram.percentile(99) / 1e6 - RESOLUTION_MS)
    if (anew) histogram.reset()
    const { user, system } = process.cpuUsage()
    return { rssBytes: process.memoryUsage.rss(), delayP99Ms, cpuMs: (user + system) / 1000 }
  }
}

/** Links: the streams to and from one peer, and which link to close when there are too many. */

import type { InStream } from './in-stream.ts'
import type { OutStream } from './out-stream.ts'

export interface Link {
  readonly peer: string
  readonly out: OutStream | undefined
  readonly ins: InStream[]
}

/**
 * Returns the longest-idle link of the host with the most links, so that many keys on one host cannot displace all other
 * peers. `undefined` when messages are queued on every link.
 */
export function spareLink(links: readonly Link[]): Link | undefined {
  const counts = new Map<string, number>()
  for (const link of links) counts.set(hostOf(link), (counts.get(hostOf(link)) ?? 0) + 1)
  const crowd = (link: Link): number => counts.get(hostOf(link))!
  let spare: Link | undefined
  for (const link of links) {
    if (link.out?.isIdle === false) continue
    const more = spare === undefined ? 1 : crowd(link) - crowd(spare)
    if (more > 0 || (more === 0 && lastUsedMs(link) < lastUsedMs(spare!))) spare = link
  }
  return spare
}

function hostOf({ out, ins }: Link): string {
  return ins[0]?.remoteHost ?? out!.remoteHost
}

function lastUsedMs({ out, ins }: Link): number {
  return Math.max(out?.lastUsedMs ?? 0, ...ins.map((stream) => stream.lastReceivedMs))
}

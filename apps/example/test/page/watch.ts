/** A page without a browser: hears what the server tells. */

import type { GroupState } from '@rumormill/page'

export interface Watch {
  /** The states told so far. */
  readonly states: readonly GroupState[]
  leave(): void
}

/** Listens to the server of a page, from now on. */
export async function watch(url: string): Promise<Watch> {
  const states: GroupState[] = []
  const leaving = new AbortController()
  const response = await fetch(`${url}/events`, { signal: leaving.signal })
  if (response.headers.get('content-type') !== 'text/event-stream')
    throw new Error(`no events: ${response.status}`)
  // Ends when either side leaves.
  void hear(response.body!, states).catch(() => {})
  return { states, leave: () => leaving.abort() }
}

async function hear(body: ReadableStream<Uint8Array>, states: GroupState[]): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    const whole = text.split('\n\n')
    text = whole.pop()!
    for (const news of whole) {
      const [, data] = /^event: state\ndata: (.*)$/.exec(news) ?? []
      if (data !== undefined) states.push(JSON.parse(data) as GroupState)
    }
  }
}

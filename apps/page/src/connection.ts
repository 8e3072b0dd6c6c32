/** The line to the server: news come in, commands go out. */

import type { Command, GroupState, RedundancyNews, Refusal, Spread, Times } from './wire.ts'

export interface NewsListener {
  state(state: GroupState): void
  spread(spread: Spread): void
  times(times: Times): void
  redundancy(news: RedundancyNews): void
  notice(text: string): void
  /** Whether the server is there. */
  connected(is: boolean): void
}

/** Listens to the server until the page is closed; the browser connects again by itself. */
export function listen(listener: NewsListener): void {
  const source = new EventSource('./events')
  const on = <News>(event: string, tell: (news: News) => void): void => {
    source.addEventListener(event, ({ data }) => {
      const news = JSON.parse(data as string) as News | null
      if (news !== null) tell(news)
    })
  }
  on<GroupState>('state', (state) => listener.state(state))
  on<Spread>('spread', (spread) => listener.spread(spread))
  on<Times>('times', (times) => listener.times(times))
  on<RedundancyNews>('redundancy', (news) => listener.redundancy(news))
  on<string>('notice', (text) => listener.notice(text))
  source.addEventListener('open', () => listener.connected(true))
  source.addEventListener('error', () => listener.connected(false))
}

/** Asks the server to do something. What came of it in words, when it was refused. */
export async function command(what: Command): Promise<string | undefined> {
  try {
    const response = await fetch('./command', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(what)
    })
    if (response.ok) return undefined
    return ((await response.json()) as Refusal).message
  } catch {
    return 'the server does not answer'
  }
}

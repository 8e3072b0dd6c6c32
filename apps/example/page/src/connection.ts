/** The connection to the server: receives events, sends commands. */

import type { Command, GroupState, RedundancyNews, Refusal, Spread, Times } from './wire.ts'

export interface NewsListener {
  state(state: GroupState): void
  spread(spread: Spread): void
  times(times: Times): void
  redundancy(news: RedundancyNews): void
  notice(text: string): void
  /** Is called when the server becomes reachable or unreachable. */
  connected(is: boolean): void
}

/** Receives events until the page is closed; the browser reconnects by itself. */
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

/** Sends a command. Resolves with the reason if it was refused. */
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

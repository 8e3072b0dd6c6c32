/** The page: shows the events of the server, and sends the commands of the user. */

import {
  graphLabel,
  linesCaption,
  progressCaption,
  settingsCaption,
  spreadCaption
} from './caption.ts'
import { LiveChart } from './charts.ts'
import { command, listen } from './connection.ts'
import { Controls } from './controls.ts'
import { find, say } from './elements.ts'
import { OverlayGraph } from './graph.ts'
import { ENTRIES_DRAWN, SMALL_GROUP } from './links.ts'
import { NodeDetail } from './node-detail.ts'
import { NodeTable } from './node-table.ts'
import { redundancyOf } from './redundancy.ts'
import { Replay } from './replay.ts'
import { currentTheme, onThemeChange } from './theme.ts'
import type { Command, GroupState, RedundancyNews, Spread, Times } from './wire.ts'
import { milliseconds } from './words.ts'

const NOTICE_MS = 6000

let state: GroupState | undefined
let selected = 0
let noticeTimer: ReturnType<typeof setTimeout> | undefined

const theme = currentTheme()
const replay = new Replay(matchMedia('(prefers-reduced-motion: reduce)').matches)
const graph = new OverlayGraph(find('graph', HTMLElement), replay, theme, select)
const detail = new NodeDetail({
  submit: () => controls.submitAt(selected),
  changeLife: () => changeLife(selected)
})
const table = new NodeTable(find('rows', HTMLElement), { select, changeLife })
const controls = new Controls({ ask, select, selected: () => selected })
const times = new LiveChart(
  find('times-chart', HTMLElement),
  { across: '', logarithmic: true, format: milliseconds },
  theme
)
const redundancy = new LiveChart(
  find('redundancy-chart', HTMLElement),
  { across: ' s', logarithmic: false, format: (value) => value.toFixed(1) },
  theme
)

find('zoom-in', HTMLButtonElement).addEventListener('click', () => graph.zoom(1.4))
find('zoom-out', HTMLButtonElement).addEventListener('click', () => graph.zoom(1 / 1.4))
find('zoom-fit', HTMLButtonElement).addEventListener('click', () => graph.fit())
onThemeChange(() => {
  for (const part of [graph, times, redundancy]) part.recolour(currentTheme())
})
showLegend()
select(0)
listen({
  state: showState,
  spread: showSpread,
  times: showTimes,
  redundancy: showRedundancy,
  notice,
  connected: showConnection
})

function showState(next: GroupState): void {
  if (state !== undefined && state.run !== next.run) forgetRun()
  const ever = redundancyOf(next)
  if (ever !== undefined) {
    const lately = redundancy.last === undefined ? '' : `${redundancy.last.toFixed(2)} lately, `
    say(
      find('redundancy-value', HTMLElement),
      `copies per delivery: ${lately}${ever.toFixed(2)} since the start`
    )
  }
  state = next
  selected = Math.min(selected, next.nodes.length - 1)
  graph.show(next)
  table.show(next, selected)
  detail.show(next, selected)
  controls.show(next)
  say(find('settings', HTMLElement), settingsCaption(next))
  say(find('progress', HTMLElement), progressCaption(next))
  const drawn = next.nodes.length > SMALL_GROUP ? ENTRIES_DRAWN : undefined
  say(find('edges', HTMLElement), linesCaption(graph.counts.lines, next, drawn))
  find('graph', HTMLElement).ariaLabel = graphLabel(graph.counts)
}

function forgetRun(): void {
  replay.forget()
  times.clear()
  redundancy.clear()
  say(find('spread', HTMLElement), 'No update yet.')
  for (const id of ['times-value', 'redundancy-value']) say(find(id, HTMLElement), '–')
}

function showSpread(spread: Spread): void {
  replay.show(spread, performance.now())
  graph.refresh()
  if (replay.spread === spread) say(find('spread', HTMLElement), spreadCaption(spread))
}

function showTimes(news: Times): void {
  const last = news.times.at(-1)
  if (last === undefined || (state !== undefined && state.run !== news.run)) return
  times.add(news.times)
  say(find('times-value', HTMLElement), `${milliseconds(last[1])} for the last`)
}

function showRedundancy({ run, points }: RedundancyNews): void {
  if (state === undefined || state.run === run) redundancy.add(points)
}

function showConnection(is: boolean): void {
  // After a reconnect the server sends its past again.
  if (is && state !== undefined) {
    forgetRun()
    state = undefined
  }
  const element = find('connection', HTMLElement)
  say(element, is ? 'live' : 'not connected')
  element.dataset['is'] = is ? 'live' : 'lost'
}

function select(node: number): void {
  selected = node
  graph.select(node)
  controls.select(node)
  if (state === undefined) return
  table.show(state, node)
  detail.show(state, node)
}

function changeLife(node: number): void {
  ask({ kind: state?.nodes[node]?.status === 'down' ? 'restart' : 'kill', node })
}

function ask(what: Command): void {
  void command(what).then((refusal) =>
    refusal === undefined ? undefined : notice(`Not done: ${refusal}.`)
  )
}

function notice(text: string): void {
  const element = find('notices', HTMLElement)
  element.textContent = text
  clearTimeout(noticeTimer)
  noticeTimer = setTimeout(() => {
    element.textContent = ''
  }, NOTICE_MS)
}

function showLegend(): void {
  const names = ['submitted here', '1 hop', '2 hops', '3 hops', '4 or more']
  find('legend', HTMLElement).replaceChildren(
    ...names.map((name, hop) => {
      const item = document.createElement('li')
      item.className = `hop-${hop}`
      item.textContent = name
      return item
    })
  )
}

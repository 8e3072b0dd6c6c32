/** The charts of docs/performance.md. */

import { gradeOf, limitsOf, rounded, type Claim } from './claim.ts'
import type { Bar, BarChart } from './plot.ts'

/** A line that a benchmark printed in addition to its claims. */
export type Detail = Readonly<Record<string, unknown>>

/** A chart with the name of its file. */
export interface Plot extends BarChart {
  readonly file: string
}

/** Returns the charts in the order of the page. */
export function plotsOf(claims: readonly Claim[], details: readonly Detail[]): readonly Plot[] {
  return [
    {
      file: 'performance-goals.svg',
      title: 'How far beyond its goal each row is, on a logarithmic scale',
      ...goals(claims)
    },
    {
      file: 'performance-throughput.svg',
      title: 'Updates/s of 1 KiB through eight nodes',
      ...groups(details, 'updatesPerSecond')
    },
    {
      file: 'performance-cpu.svg',
      title: 'Microseconds of CPU per delivery of 1 KiB',
      ...groups(details, 'cpuMicrosPerDelivery')
    },
    {
      file: 'performance-rounds.svg',
      title: 'Bytes of a round between nodes that know the same, on a logarithmic scale',
      ...rounds(claims, details)
    }
  ]
}

type Untitled = Omit<BarChart, 'title'>

function goals(claims: readonly Claim[]): Untitled {
  const bars = claims.flatMap((claim): Bar[] => {
    const { row, figure, better, goal } = claim
    if (goal === undefined) return []
    const times = better === 'more' ? figure / goal : goal / figure
    const text = `${rounded(figure)} (${limitsOf(claim).goal})`
    return [{ name: row, value: times, text, tone: gradeOf(claim) === 'missed' ? 'bad' : 'ours' }]
  })
  return { bars, base: { value: 1, name: 'goal' } }
}

function groups(details: readonly Detail[], figure: string): Untitled {
  const bars = details
    .filter(({ benchmark }) => benchmark === 'spread')
    .map((detail): Bar => {
      const [name, value] = [detail['group'] as string, detail[figure] as number]
      return {
        name,
        value,
        text: rounded(value),
        tone: name.startsWith('rumormill') ? 'ours' : 'other'
      }
    })
  return { bars }
}

/** Bytes of rounds: a list grows with the number of updates, and a fingerprint has a constant size. */
function rounds(claims: readonly Claim[], details: readonly Detail[]): Untitled {
  const bytes = claims.find(({ row }) => row === 'g1')!.figure
  const bars = details
    .filter((detail) => detail['listBytes'] !== undefined)
    .flatMap(({ updates, listBytes }): Bar[] => [
      {
        name: `${updates as number} updates, as a list`,
        value: listBytes as number,
        text: `${listBytes as number} B`,
        tone: 'other'
      },
      {
        name: `${updates as number} updates, by fingerprint`,
        value: bytes,
        text: `${bytes} B`,
        tone: 'ours'
      }
    ])
  return { bars, base: { value: 10, name: '10 B' } }
}

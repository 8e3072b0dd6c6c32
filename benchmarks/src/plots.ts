/** The pictures of docs/performance.md: what a run has measured, drawn. */
import { gradeOf, limitsOf, rounded, type Claim } from './claim.ts'
import { barChart, type Bar } from './plot.ts'

/** What a benchmark printed besides its claims. */
export type Detail = Readonly<Record<string, unknown>>

/** Each picture by the name of its file. */
export function plotsOf(claims: readonly Claim[], details: readonly Detail[]): Readonly<Record<string, string>> {
  return {
    'performance-goals.svg': goals(claims),
    'performance-throughput.svg': groups(details, 'Updates/s of 1 KiB through eight nodes', 'updatesPerSecond'),
    'performance-cpu.svg': groups(details, 'Microseconds of CPU per delivery of 1 KiB', 'cpuMicrosPerDelivery'),
    'performance-rounds.svg': rounds(claims, details)
  }
}

function goals(claims: readonly Claim[]): string {
  const bars = claims.flatMap((claim): Bar[] => {
    const { row, figure, better, goal } = claim
    if (goal === undefined) return []
    const times = better === 'more' ? figure / goal : goal / figure
    const text = `${rounded(figure)} (${limitsOf(claim).goal})`
    return [{ name: row, value: times, text, tone: gradeOf(claim) === 'missed' ? 'bad' : 'ours' }]
  })
  return barChart({ title: 'How far beyond its goal each row is, on a logarithmic scale', bars, base: { value: 1, name: 'goal' } })
}

function groups(details: readonly Detail[], title: string, figure: string): string {
  const bars = details.filter(({ benchmark }) => benchmark === 'spread').map((detail): Bar => {
    const [name, value] = [detail['group'] as string, detail[figure] as number]
    return { name, value, text: rounded(value), tone: name.startsWith('rumormill') ? 'ours' : 'other' }
  })
  return barChart({ title, bars })
}

/** The crate told all it knew in each round; a fingerprint stays as long as it is. */
function rounds(claims: readonly Claim[], details: readonly Detail[]): string {
  const bytes = claims.find(({ row }) => row === 'g1')!.figure
  const bars = details.filter((detail) => detail['listBytes'] !== undefined).flatMap(({ updates, listBytes }): Bar[] => [
    { name: `${updates as number} updates, as a list`, value: listBytes as number, text: `${listBytes as number} B`, tone: 'other' },
    { name: `${updates as number} updates, by fingerprint`, value: bytes, text: `${bytes} B`, tone: 'ours' }
  ])
  return barChart({ title: 'Bytes of a round between nodes that know the same, on a logarithmic scale', bars, base: { value: 10, name: '10 B' } })
}

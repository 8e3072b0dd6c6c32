/** docs/performance.md: the rows, for people. */
import { gradeOf, rounded, type Claim } from './claim.ts'

const INTRODUCTION = `# Performance

This page is written by \`npm run bench -- --write\`; do not edit it.

Every figure comes from one run in which rumormill and what it is compared with took turns on the same machine, over
loopback, with Node's defaults. Most are ratios: absolute times say more about the machine. Where processor time or memory
is given, the compared group runs in a process of its own, and a fresh one: the time in which Node compiles what it runs is in
the figures of all, and weighs most on rows a1, d and e1, which last a second or a few. Both columns of goals were set before anything was built, the
second as what hardly anybody would ask for.

Gossipsub is \`@libp2p/gossipsub\` 17 in its own default configuration, all eight nodes connected with one another, without
signatures unless said otherwise. Rumormill is \`createGossip\` with its defaults. "On their way" means that one more update is
submitted as soon as one has reached all nodes.
`

/** The page. */
export function pageOf(claims: readonly Claim[]): string {
  const rows = claims.map((claim) => {
    const { row, what, figure, better, goal, extreme } = claim
    const sign = better === 'more' ? '≥' : '≤'
    return `| ${row} | ${what} | ${rounded(figure)} | ${sign} ${rounded(goal)} | ${sign} ${rounded(extreme)} | ${GRADES[gradeOf(claim)]} |`
  })
  return [
    INTRODUCTION, '| row | what | measured | goal | extreme | |', '|---|---|---|---|---|---|', ...rows, '',
    ...NOTES, ''
  ].join('\n')
}

const GRADES = { extreme: 'extreme', goal: 'goal', missed: '**missed**' }

const NOTES = [
  'Rounds to all nodes over the sampled overlay, against the ideal, are in [the papers](papers.md). The same work done by the',
  'Rust crate is in [from the crate](from-the-crate.md), what hardening costs in [hardening](hardening.md).'
]

/** Writes docs/performance.md. */

import { gradeOf, limitsOf, rounded, type Claim } from './claim.ts'
import type { Plot } from './plots.ts'

const INTRODUCTION = `# Performance

This page is written by \`npm run lab -- bench --write\`; do not edit it.

Every figure comes from one run in which rumormill and what it is compared with took turns on the same machine, over
loopback, with Node's defaults. Most are ratios: absolute times say more about the machine. Where processor time or memory
is given, the compared group runs in a process of its own, which has spread updates of 1 KiB for two seconds before anything
but its memory is measured, and updates of 64 KiB for one before those are: it is warm, as a node that has been up for a
while. Five runs, of which the medians are given; one of gossipsub with signatures, which is only shown. Both columns of goals
were set before anything was built, the second as what hardly anybody would ask for.

Gossipsub is \`@libp2p/gossipsub\` 17 in its own default configuration, all eight nodes connected with one another, without
signatures unless said otherwise. Rumormill is \`createGossip\` with its defaults. "On their way" means that one more update is
submitted as soon as one has reached all nodes.
`

/** Returns the page, with the plots beside it in a folder `images`. */
export function pageOf(claims: readonly Claim[], plots: readonly Plot[]): string {
  const rows = claims.map((claim) => {
    const { goal, extreme } = limitsOf(claim)
    return `| ${claim.row} | ${claim.what} | ${rounded(claim.figure)} | ${goal} | ${extreme} | ${GRADES[gradeOf(claim)]} |`
  })
  const images = plots.map(({ file, title }) => `![${title}](images/${file})`)
  return [
    INTRODUCTION,
    '| row | what | measured | goal | extreme | |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    ...images,
    '',
    ...NOTES,
    ''
  ].join('\n')
}

const GRADES = { extreme: 'extreme', goal: 'goal', missed: '**missed**', open: '' }

const NOTES = [
  'Rounds to all nodes over the sampled overlay, against the ideal, are in [the papers](papers.md). The same work done by the',
  'Rust crate is in [from the crate](from-the-crate.md), what hardening costs in [hardening](hardening.md).',
  '',
  '## What stands in the way',
  '- **a1m**: with a process for each of eight nodes on two cores, nearly all of the time of both goes into waking processes for',
  '  a message or two. No goal was set for it; the extreme shown is what a1 was once to reach.',
  '- **b1**: all eight nodes share one thread. The first has an update after some 0.18 ms, each of the others 20 microseconds later.',
  '  Between bare sockets, one writing to six and nothing decoded, hashed or kept, the median was 0.07 to 0.13 ms.',
  '- **e1**: two exchanges a second are some ten wakings of a node, each with cold caches. Bare sockets that send as much to one',
  '  another took 230 to 490 microseconds on the machine of these figures; gossipsub, which is as idle, takes more than rumormill.',
  '  News does not wait for rounds: with a `periodMs` of 10 s a node took 350 to 380, with one of a minute 65 to 230.',
  '- **e2** comes out on either side of its goal: 0.30 to 0.53 MB in the runs so far, by when Node gives memory back.',
  '- **i2**: the BLAKE3 of hash-wasm uses no vector instructions; SHA-256 of Node has instructions of its own.'
]

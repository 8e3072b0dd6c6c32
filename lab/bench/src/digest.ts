/**
 * Measures digests per second: the hash function of a node, against hash-wasm called directly and the SHA-256 of Node.js.
 *
 * Run: `node dist/digest.js [--json] [--rounds 5]`; rows i1 and i2.
 */

import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { median } from '@rumormill/harness/quantile'
import { fastHash } from '@rumormill/protocol'
import { createBLAKE3 } from 'hash-wasm'
import { printClaim } from './claim.ts'

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' } }
})

const SLICE_MS = 200
const KIB = new Uint8Array(1024).fill(7)
const MIB = new Uint8Array(1024 * 1024).fill(7)

const ours = await fastHash()
const wasm = await createBLAKE3()
const direct = (content: Uint8Array): Uint8Array => wasm.init().update(content).digest('binary')
const sha256 = (content: Uint8Array): Uint8Array => createHash('sha256').update(content).digest()

const ratios = { kib: [] as number[], mib: [] as number[] }
for (let round = 0; round < Number(values.rounds); round++) {
  ratios.kib.push(rate(ours, KIB) / rate(direct, KIB))
  ratios.mib.push(rate(ours, MIB) / rate(sha256, MIB))
}
printClaim(
  {
    row: 'i1',
    what: 'digests/s of 1 KiB, times hash-wasm called directly',
    figure: median(ratios.kib),
    better: 'more',
    goal: 0.9,
    extreme: 0.9
  },
  values.json
)
printClaim(
  {
    row: 'i2',
    what: 'digests/s of 1 MiB, times SHA-256 of Node',
    figure: median(ratios.mib),
    better: 'more',
    extreme: 1
  },
  values.json
)

function rate(digest: (content: Uint8Array) => Uint8Array, content: Uint8Array): number {
  const beganMs = performance.now()
  let count = 0
  while (performance.now() - beganMs < SLICE_MS) {
    for (let turn = 0; turn < 4; turn++) digest(content)
    count += 4
  }
  return count / (performance.now() - beganMs)
}

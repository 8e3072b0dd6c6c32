/** What rounds remember of peers, however many there are and whatever they do. */

import { expect, it } from 'vitest'
import { ActiveSketch } from '../../src/anti-entropy/active-sketch.ts'
import { ComparisonBackoff } from '../../src/anti-entropy/comparison-backoff.ts'
import { DifferenceRequests } from '../../src/anti-entropy/difference-requests.ts'
import { KnownDifferences } from '../../src/anti-entropy/known-differences.ts'
import { OpenExchanges } from '../../src/anti-entropy/open-exchanges.ts'
import { SketchFailures } from '../../src/anti-entropy/sketch-failures.ts'
import { createRng } from '../../src/model/random.ts'
import { blake3Hash } from '../../src/model/update.ts'
import { UpdateStore } from '../../src/store/update-store.ts'
import { UpdateNode } from '../engine/update-node.ts'
import { disseminationOf } from './preset.ts'

const peers = Array.from({ length: 2000 }, (_, n) => `peer ${n}`)
const config = disseminationOf('lan')
const fingerprint = new Uint8Array(16)
const LAST = peers.at(-1)!

it('64 exchanges are open at most; the oldest is given up', () => {
  const open = new OpenExchanges(4096, 3000)
  const ours = { fingerprint, mark: 0 }
  const question = {
    first: 0,
    count: 6,
    byList: false,
    symbols: new Uint8Array(0),
    theirs: undefined,
    turns: 0
  }
  for (const peer of peers) open.ask(peer, 0, question, ours)
  expect(open.size).toBe(64)
  expect([open.has('peer 0'), open.has(LAST)]).toEqual([false, true])
  expect(open.again(3000, () => ours).requests).toHaveLength(64)
})

it('comparisons with 256 peers are remembered', () => {
  const backoff = new ComparisonBackoff(200)
  for (const peer of peers) backoff.started(peer, 0, fingerprint, fingerprint)
  expect(backoff.size).toBe(256)
  expect(backoff.isUnchanged('peer 0', fingerprint)).toBe(false)
  expect(backoff.isUnchanged(LAST, fingerprint)).toBe(true)
})

it('failures of 256 peers are remembered', () => {
  const failures = new SketchFailures()
  for (const peer of peers) failures.unanswered(peer)
  for (const peer of peers) failures.undecided(peer)
  expect(failures.size).toBe(256)
  expect(failures.takesList('peer 0')).toBe(false)
  expect(failures.takesList(LAST)).toBe(true)
})

it('1,024 known differences with each of 64 peers are remembered', () => {
  const differences = new KnownDifferences()
  for (const peer of peers) differences.add(peer, 1n as never)
  for (let n = 0; n < 2000; n++) differences.add(LAST, `${n}` as never)
  expect(differences.size).toBe(63 + 1024)
  expect(differences.of('peer 0').size).toBe(0)
  expect(differences.of(LAST).size).toBe(1024)
})

it('missing updates are kept for 64 peers', () => {
  const store = new UpdateStore(config.expiration, {
    maxUpdates: 10,
    maxBytes: 100,
    maxSeenDigests: 10,
    graceMs: 0
  })
  const sketch = new ActiveSketch(store, blake3Hash, '', 8)
  const lacked = sketch.ids.keyOf(sketch.ids.ofDigest(new Uint8Array(32).fill(1), 0))
  const requests = new DifferenceRequests(config, sketch, createRng(1))
  for (const peer of peers) requests.begin(peer, [], [lacked], 0)
  expect(requests.size).toBe(64)
  expect(requests.hasFresh('peer 0')).toBe(false)
  expect(requests.hasFresh(LAST)).toBe(true)
})

it('1,024 answers are awaited: those to earlier requests are not read', () => {
  const node = new UpdateNode({ ...config, reconciliation: 'list', fanout: peers.length })
  expect(node.tick(1000, () => peers)).toHaveLength(peers.length)
  const read = peers.filter((peer) => {
    const effects = node.receive(1001, peer, {
      kind: 'digest-response',
      digests: new Uint8Array(0)
    })
    return effects.length === 0
  })
  expect(read).toEqual(peers.slice(-1024))
})

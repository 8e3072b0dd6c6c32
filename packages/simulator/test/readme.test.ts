/** The programs of the README, as they stand there, and a check that they do. */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  clusterSizes,
  distributionOf,
  inDegrees,
  randomGroup,
  simulate
} from '@rumormill/simulator'
import { expect, test } from 'vitest'

test('every node counts to ten', () => {
  const { apps, report } = simulate({
    nodes: 100,
    seed: 1,
    durationMs: 60_000,
    network: { loss: 0.1 },
    app: () => ({
      count: 0,
      onUpdate() {
        this.count++
      }
    }),
    script: (stage) => {
      for (let n = 0; n < 10; n++)
        stage.at(5000 + 1000 * n, () => stage.submit(0, Uint8Array.of(n)))
    }
  })
  expect([...apps].filter(([node]) => node > 0).every(([, { count }]) => count === 10)).toBe(true)
  expect(report.lost).toBeGreaterThan(0)
})

test('a group of a thousand is one cluster', () => {
  const { push, pull, selection, viewSize } = {
    push: true,
    pull: true,
    selection: 'rand',
    viewSize: 30
  } as const
  const membership = { push, pull, selection, viewSize, healing: 3, swapping: 12, exchangeSize: 14 }
  const group = randomGroup(1000, { seed: 1, membership })
  for (let cycle = 0; cycle < 20; cycle++) group.cycle()
  const { overlay } = group.overlay()
  expect(distributionOf(inDegrees(overlay)).mean).toBe(30)
  expect(clusterSizes(overlay)).toEqual([1000])
})

test('the README shows what runs here', () => {
  const ownCode = readFileSync(fileURLToPath(import.meta.url), 'utf8')
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const programs = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!)
  expect(programs).toHaveLength(2)
  for (const program of programs) expect(ownCode).toContain(program)
})

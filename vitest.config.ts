import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    // Tests run against the sources, so that a stale build can never pass or fail one.
    alias: [
      {
        find: '@rumormill/protocol/engine',
        replacement: source('./packages/protocol/src/engine/index.ts')
      },
      {
        find: /^@rumormill\/metrics\/(\w+)$/,
        replacement: source('./packages/metrics/src') + '/$1/index.ts'
      },
      {
        find: '@rumormill/testkit/node',
        replacement: source('./packages/testkit/src/node/index.ts')
      },
      { find: /^@rumormill\/([a-z0-9-]+)$/, replacement: `${source('./packages')}/$1/src/index.ts` }
    ]
  },
  test: {
    include: [
      '{packages,apps}/*/test/**/*.test.ts',
      '{benchmarks,chaos,docs,examples}/test/**/*.test.ts'
    ],
    // Many tests wait for other processes; the default leaves one core of two unused.
    maxWorkers: '100%',
    // They take far less; a busy machine must not fail them.
    testTimeout: 30_000
  }
})

import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** `SLOW=1` adds the files `*.slow.test.ts`: the long forms of checks of which the other files have a short one. */
const slow = process.env['SLOW'] === '1'

const CORE = ['packages/{protocol,codec-binary,codec-json}/test/**/*.test.ts']
/** Whole groups that live through faults, which takes longer than the rest of the core. */
const FAULTS = ['packages/protocol/test/faults/**/*.test.ts']
const ALL = [
  '{packages,apps,lab}/*/test/**/*.test.ts',
  '{docs,examples,tools,apps/example/page}/test/**/*.test.ts'
]

/** Without what other projects run. */
const project = (name: string, include: string[], others: string[], more = {}) => ({
  extends: true as const,
  test: {
    name,
    include,
    exclude: [...configDefaults.exclude, ...(slow ? [] : ['**/*.slow.test.ts']), ...others],
    ...more
  }
})
/** Nothing in the core outlives a test: its files can share what they load, which halves their time. */
const shared = { isolate: false, restoreMocks: true }

export default defineConfig({
  resolve: {
    // Tests run against the sources, so that a stale build can never pass or fail one.
    alias: [
      {
        find: /^@rumormill\/protocol\/(plugin|engine)$/,
        replacement: source('./packages/protocol/src') + '/$1.ts'
      },
      {
        find: /^@rumormill\/metrics\/(\w+)$/,
        replacement: source('./packages/metrics/src') + '/$1/index.ts'
      },
      {
        find: '@rumormill/testkit/node',
        replacement: source('./packages/testkit/src/node/index.ts')
      },
      {
        find: /^@rumormill\/harness\/([a-z-]+)$/,
        replacement: source('./lab/harness/src') + '/$1.ts'
      },
      { find: '@rumormill/page', replacement: source('./apps/example/page/src/index.ts') },
      { find: /^@rumormill\/([a-z0-9-]+)$/, replacement: `${source('./packages')}/$1/src/index.ts` }
    ]
  },
  test: {
    projects: [
      project('core', CORE, FAULTS, shared),
      project('faults', FAULTS, [], shared),
      project('around', ALL, CORE)
    ],
    // Threads start sooner than processes, and share more.
    pool: 'threads',
    // Many tests wait for other processes; the default leaves one core of two unused.
    maxWorkers: '100%',
    // A test that was run alone must not be merged.
    allowOnly: false,
    // Only what hangs takes so long: tests have no limits of their own, and what they wait for fails sooner and says what.
    expect: { poll: { timeout: 60_000 } },
    testTimeout: slow ? 900_000 : 300_000,
    hookTimeout: 300_000
  }
})

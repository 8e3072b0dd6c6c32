/** The tests that judge mutants: those of the packages in `MUTATED`, except for tests that run programs, read the sources or take long. */

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import base from '../../vitest.config.ts'

const packages = (process.env.MUTATED ?? '').split(',')

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  resolve: base.resolve,
  test: {
    include: packages.map((name) => `packages/${name}/test/**/*.test.ts`),
    exclude: [
      '**/node_modules/**',
      '**/*.slow.test.ts',
      '**/{architecture,bombs,browser,killed,process-exit}.test.ts',
      'packages/transport-libp2p/test/links.test.ts',
      ...(process.env.MUTATED_QUICK === '1' ? ['packages/protocol/test/faults/**'] : [])
    ],
    restoreMocks: true,
    expect: base.test.expect,
    // Stryker has a limit of its own, by the time of the first run; this one would fail on a busy machine.
    testTimeout: 600_000,
    hookTimeout: 600_000
  }
})

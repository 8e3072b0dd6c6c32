/** The last line of the CI tells the truth: with npm played by a stub, one fault at a time. */

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** The last line, and the exit code. */
function ci(faults: Record<string, string>): { last: string; status: number | null } {
  const { stdout, status } = spawnSync(process.execPath, [path('../ci.mjs')], {
    encoding: 'utf8',
    env: { ...process.env, npm_execpath: path('npm-stub.mjs'), ...faults }
  })
  return { last: stdout.trim().split('\n').at(-1)!, status }
}

it('adds up all steps, of which one without totals counts as one', () => {
  expect(ci({})).toEqual({ last: '116 passed, 0 failed, 0 skipped', status: 0 })
})

it.each(['fuzz', 'chaos'])('counts %s as failed by its exit code', (FAIL) => {
  const { last, status } = ci({ FAIL })
  expect(last).toMatch(/^11[56] passed, 1 failed, 0 skipped$/)
  expect(status).toBe(1)
})

it.each([
  ['a tool that is missing', { SKIP: 'interop' }, '108 passed, 1 failed, 1 skipped'],
  ['a row that misses a figure', { MISS: '1' }, '115 passed, 1 failed, 1 skipped']
])('fails for %s', (_what, faults, last) => {
  expect(ci(faults)).toEqual({ last, status: 1 })
})

it('passes over what is excused, and counts it as skipped', () => {
  const faults = { SKIP: 'installable', WHAT: 'bun' }
  expect(ci(faults)).toEqual({ last: '116 passed, 0 failed, 1 skipped', status: 0 })
})

/** Builds the transport that docs/writing-a-transport.md shows, and runs the conformance list on it. */

import type { Transport } from '@rumormill/protocol'
import { transportConformance } from '@rumormill/testkit'
import { expect, it } from 'vitest'
import { tutorial } from './tutorial.ts'

const { exports, code, proof } = await tutorial('writing-a-transport.md')
const httpTransport = exports['httpTransport'] as (port?: number) => Transport

const create = ({ address }: { readonly address?: string } = {}): Transport =>
  httpTransport(Number(address?.split(':')[1] ?? 0))
// A port that a transport has just left: nobody is there.
const gone = httpTransport()
const unreachable = await gone.start(
  { receive: () => {}, fail: () => {}, lost: () => {} },
  { protocol: 'none' }
)
await gone.stop()

const options = { unreachable, reusesAddresses: true, timeoutMs: 60_000 }
for (const { name, run } of transportConformance(create, options)) it(name, () => run())

it('is shown with the loop that runs here, in a short file', () => {
  expect(proof.trim().replaceAll(/\s+/g, ' ')).toBe(
    'for (const { name, run } of transportConformance(create, { unreachable, reusesAddresses: true })) it(name, run)'
  )
  expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThan(100)
})

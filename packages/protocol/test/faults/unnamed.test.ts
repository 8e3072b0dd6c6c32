/** Two applications must not become one group because neither has named its own: mimir#6187. */

import { expect, it, vi } from 'vitest'
import { Lab } from './lab.ts'

it('warns once in a process of a group without a name that other hosts can reach', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const lab = new Lab()
  await lab.add()
  lab.wrap = (transport) => Object.assign(transport, { reachable: true })
  await lab.add({ network: 'prices' })
  // Named, whatever the name is.
  await lab.add({ network: 'default' })
  lab.wrap = (transport) => Object.assign(transport, { reachable: false })
  await lab.add()
  expect(warn.mock.calls).toEqual([])
  lab.wrap = (transport) => Object.assign(transport, { reachable: true })
  await lab.many(2)
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/Set the option `network`/)]])
})

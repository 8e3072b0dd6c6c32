/** Every transport with every codec: the same suite. combinations.slow.test.ts has all of them end to end. */

import { expect, it, onTestFinished } from 'vitest'
import { Run } from '../src/demo/run.ts'
import { carriesChatAndFile, combinations } from './end-to-end.ts'

it.each(combinations)(
  '$transport with $codec loses nothing, and delivers nothing twice',
  async (combination) => {
    const plan = Array.from({ length: 12 }, (_, number) => ({
      origin: number % 4,
      content: `line ${number}`
    }))
    const options = { nodes: 4, rate: 200, processes: false, preset: 'local' } as const
    const run = new Run({ ...options, ...combination }, plan)
    onTestFinished(() => run.stop())
    await run.feed(new AbortController().signal)
    expect(run.summary).toMatchObject({ expected: 36, delivered: 36, lost: 0, duplicates: 0 })
  }
)

it('libp2p with json carries a chat and a file, and survives the crash of one', () =>
  carriesChatAndFile({ transport: 'libp2p', codec: 'json' }))

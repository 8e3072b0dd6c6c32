import { expect, test } from 'vitest'
import { Recorder } from '../../src/world/recorder.ts'

test('counts a refusal as any other message', () => {
  const recorder = new Recorder()
  recorder.sent({ kind: 'refused', tree: 1, digests: new Uint8Array(32) }, 40)
  expect(recorder.counts.traffic.refused).toEqual({ messages: 1, bytes: 40 })
})

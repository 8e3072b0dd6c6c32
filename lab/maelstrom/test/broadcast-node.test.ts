import { createRng } from '@rumormill/protocol/plugin'
import { manualClock } from '@rumormill/testkit'
import { expect, test } from 'vitest'
import { BroadcastNode } from '../src/broadcast-node.ts'
import { parseEnvelope, type Envelope } from '../src/envelope.ts'
import { PROFILE } from '../src/profile.ts'

/** Nodes in one process, `delayMs` apart; a cut node hears no other and is heard by none. */
async function group(count: number, delayMs: number, paceMs = PROFILE.paceMs) {
  const clock = manualClock()
  const rng = createRng(1)
  const replies: Envelope[] = []
  const cut = new Set<string>()
  const deliveries: { value: unknown; atMs: number }[] = []
  let messages = 0
  const ids = Array.from({ length: count }, (_, index) => `n${index}`)
  const nodes = new Map<string, BroadcastNode>()
  const write = (envelope: Envelope): void => {
    if (!nodes.has(envelope.dest)) return void replies.push(envelope)
    messages++
    clock.wakeAt(clock.now() + delayMs, () => {
      if (!cut.has(envelope.src) && !cut.has(envelope.dest))
        void nodes.get(envelope.dest)!.receive(envelope)
    })
  }
  const delivered = (value: unknown): void => void deliveries.push({ value, atMs: clock.now() })
  for (const id of ids)
    nodes.set(
      id,
      new BroadcastNode({
        clock,
        rng: rng.fork(),
        write,
        profile: { ...PROFILE, paceMs },
        delivered
      })
    )
  const ask = async (id: string, body: Envelope['body']) => {
    await nodes.get(id)!.receive({ src: 'c1', dest: id, body: { msg_id: 7, ...body } })
    return replies.at(-1)!
  }
  for (const id of ids) await ask(id, { type: 'init', node_id: id, node_ids: ids })
  const stop = async (): Promise<void> => {
    const stopped = Promise.all([...nodes.values()].map((node) => node.stop()))
    // A node waits until others have what it was told last.
    await clock.advance(5000)
    await stopped
  }
  return { clock, ids, cut, ask, stop, deliveries, messages: () => messages }
}

test('answers the requests of the workload', async () => {
  const { clock, ask, stop } = await group(2, 100)
  const asked = ask('n0', { type: 'topology', topology: {} })
  await clock.advance(1000)
  expect(await asked).toEqual({
    src: 'n0',
    dest: 'c1',
    body: { type: 'topology_ok', in_reply_to: 7 }
  })
  expect((await ask('n0', { type: 'broadcast', message: 3 })).body.type).toBe('broadcast_ok')
  expect((await ask('n0', { type: 'read' })).body).toEqual({
    type: 'read_ok',
    messages: [3],
    in_reply_to: 7
  })
  expect((await ask('n0', { type: 'dance' })).body).toMatchObject({ type: 'error', code: 10 })
  await stop()
})

test('has a topology by the time it says so: from the first value on, each is everywhere in time', async () => {
  const { clock, ids, ask, stop, deliveries } = await group(25, 100)
  let linked = false
  const all = Promise.all(ids.map((id) => ask(id, { type: 'topology', topology: {} }))).finally(
    () => {
      linked = true
    }
  )
  while (!linked) await clock.advance(10)
  await all
  const submittedMs: number[] = []
  for (let value = 0; value < 250; value++) {
    submittedMs.push(clock.now())
    await ask(ids[value % 25]!, { type: 'broadcast', message: value })
    await clock.advance(5)
  }
  await clock.advance(5000)
  expect(deliveries).toHaveLength(250 * 24)
  expect(
    Math.max(...deliveries.map(({ value, atMs }) => atMs - submittedMs[value as number]!))
  ).toBeLessThan(600)
  await stop()
})

test('does not keep the load waiting for nodes that do not answer', async () => {
  const { clock, cut, ask, stop } = await group(3, 100)
  cut.add('n1').add('n2')
  const asked = ask('n0', { type: 'topology', topology: {} })
  const first = Promise.race([asked, clock.advance(1900).then(() => 'waits still')])
  expect(await first).toBe('waits still')
  await clock.advance(500)
  expect((await asked).body.type).toBe('topology_ok')
  await stop()
})

test('brings every value to every node once, also to one that was cut off', async () => {
  const { clock, ids, cut, ask, stop } = await group(25, 100)
  await clock.advance(2000)
  cut.add('n4')
  for (let value = 0; value < 50; value++) {
    await ask(ids[value % 25]!, { type: 'broadcast', message: value })
    await clock.advance(20)
  }
  await clock.advance(2000)
  expect((await ask('n4', { type: 'read' })).body['messages']).toHaveLength(2)
  cut.clear()
  await clock.advance(10_000)
  for (const id of ids) {
    const values = (await ask(id, { type: 'read' })).body['messages'] as number[]
    expect(
      values.sort((a, b) => a - b),
      id
    ).toEqual(Array.from({ length: 50 }, (_, value) => value))
  }
  await stop()
})

test('sends at most one message to a peer per pace', async () => {
  const { clock, ask, stop, messages } = await group(2, 100, 100)
  await clock.advance(2000)
  const before = messages()
  for (let value = 0; value < 30; value++) {
    await ask('n0', { type: 'broadcast', message: value })
    await clock.advance(10)
  }
  expect(messages() - before).toBeLessThan(8)
  expect(messages() - before).toBeGreaterThan(0)
  await stop()
})

test('passes over lines that are no envelopes', () => {
  expect(parseEnvelope('{')).toBeUndefined()
  expect(parseEnvelope('null')).toBeUndefined()
  expect(parseEnvelope('{"src":"a","dest":"b"}')).toBeUndefined()
})

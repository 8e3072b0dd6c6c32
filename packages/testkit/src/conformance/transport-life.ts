/** The part of the transport suite about start and stop. */

import { check } from './checks.ts'
import {
  checkAlive,
  checkCode,
  checkTaken,
  checkTyped,
  codeOf,
  patterned
} from './transport-checks.ts'
import { PROTOCOL, type TransportCase, type TransportTrial } from './transport-trial.ts'

/** Returns the cases, without those that need unsupported features. */
export function lifeCases(has: { readonly reusesAddresses: boolean }): TransportCase[] {
  return [
    { name: 'sends nothing before it has started', body: sendsNothingBeforeStart },
    { name: 'sends and receives nothing after it has stopped', body: isSilentAfterStop },
    { name: 'starts once', body: startsOnce },
    { name: 'can be stopped repeatedly', body: stopsOften },
    { name: 'settles pending sends when it stops', body: settlesPending },
    { name: 'stops while it starts', body: stopsWhileStarting },
    ...(has.reusesAddresses
      ? [{ name: 'does not start at a taken address', body: findsAddressTaken }]
      : [])
  ]
}

async function sendsNothingBeforeStart(trial: TransportTrial): Promise<void> {
  const [a, transport] = [await trial.node(), await trial.create()]
  const { signal } = new AbortController()
  const sending = trial.attempt('send', () =>
    transport.send(a.address, patterned(10, 1), { signal })
  )
  const result = await trial.inTime('a send before start', sending)
  checkCode('a send before start', result, 'NOT_RUNNING')
  const started = await trial.start(transport)
  check(started.ok, 'a transport did not start after a send that came too early')
  if (started.ok) await checkAlive(trial, started.value, a, patterned(10, 2))
  check(
    !a.heard.some(({ bytes }) => bytes[0] === 1),
    'a message arrived that was sent before start'
  )
}

async function isSilentAfterStop(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  await checkAlive(trial, a, b, patterned(10, 1))
  // Some of these are under way when b stops; none may be received after that.
  const sendings = Array.from({ length: 20 }, (_, index) => a.send(b.address, patterned(10, index)))
  checkTaken('stop', await trial.inTime('stop', b.stop()))
  for (const result of await trial.inTime('sends to a peer that stops', Promise.all(sendings))) {
    checkTyped('a send to a peer that stops', result)
  }
  const late = await trial.inTime('a send after stop', b.send(a.address, patterned(10, 2)))
  checkCode('a send after stop', late, 'NOT_RUNNING')
  await trial.inTime('a send to a stopped peer', a.send(b.address, patterned(10, 3)))
  await trial.quiet()
}

async function startsOnce(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  checkCode('a second start', await trial.start(a.transport), 'ALREADY_STARTED')
  await checkAlive(trial, a, b, patterned(10, 1))
  await trial.inTime('stop', a.stop())
  checkCode('a start after stop', await trial.start(a.transport), 'ALREADY_STARTED')
}

async function stopsOften(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  await checkAlive(trial, a, b, patterned(10, 1))
  for (const result of await trial.inTime(
    'stop, three times at once',
    Promise.all([a.stop(), a.stop(), a.stop()])
  )) {
    checkTaken('stop, three times at once', result)
  }
  checkTaken('another stop', await trial.inTime('another stop', a.stop()))
  const unstarted = await trial.create()
  await trial.inTime('stop without start', unstarted.stop())
  checkCode('a start after stop', await trial.start(unstarted), 'ALREADY_STARTED')
}

async function settlesPending(trial: TransportTrial): Promise<void> {
  const [a, b, c] = [await trial.node(), await trial.node(), await trial.node()]
  await checkAlive(trial, a, b, patterned(10, 1))
  const toLive = [b, c].flatMap(({ address }) =>
    [1, 2, 3].map((seed) => a.send(address, patterned(1000, seed)))
  )
  const toNobody = a.send(trial.options.unreachable, patterned(10, 1))
  const stopping = a.stop()
  for (const result of await trial.inTime('sends that were pending at stop', Promise.all(toLive))) {
    checkTaken('a send that was pending at stop', result, 'NOT_RUNNING')
  }
  const result = await trial.inTime('a send to nobody, pending at stop,', toNobody)
  check(!result.ok, 'a send to where nobody is was taken')
  checkTyped('a send to nobody, pending at stop', result)
  checkTaken('stop', await trial.inTime('stop', stopping))
}

async function stopsWhileStarting(trial: TransportTrial): Promise<void> {
  const [a, transport] = [await trial.node(), await trial.create()]
  const receiver = { receive: () => {}, fail: () => {}, lost: () => {} }
  const starting = trial.attempt('start', () => transport.start(receiver, { protocol: PROTOCOL }))
  const stopping = trial.attempt('stop', () => transport.stop())
  checkTaken('stop while starting', await trial.inTime('stop while starting', stopping))
  const started = await trial.inTime('start while stopping', starting)
  checkTyped('start while stopping', started)
  const { signal } = new AbortController()
  const sending = trial.attempt('send', () =>
    transport.send(a.address, patterned(10, 1), { signal })
  )
  const result = await trial.inTime('a send after stop', sending)
  checkCode('a send after stop', result, 'NOT_RUNNING')
  if (started.ok) {
    const sent = await trial.inTime(
      'a send to a stopped peer',
      a.send(started.value, patterned(10, 1))
    )
    check(!sent.ok, `a send to a peer that stopped while it started: came ${codeOf(sent)}`)
  }
}

async function findsAddressTaken(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  const rival = await trial.start(await trial.create({ address: b.address }))
  checkCode('a start where another is', rival, 'ADDRESS_UNAVAILABLE')
  await checkAlive(trial, a, b, patterned(10, 1))
  await trial.inTime('stop', b.stop())
  const successor = await trial.start(await trial.create({ address: b.address }))
  check(successor.ok, `a start where another had stopped: came ${codeOf(successor)}`)
}

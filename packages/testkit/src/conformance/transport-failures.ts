/** The part of the transport suite about failing sends: unreachable or malformed addresses, aborts, other groups. */

import { check } from './checks.ts'
import {
  checkAlive,
  checkCode,
  checkHeardOnly,
  checkTyped,
  codeOf,
  heardBy,
  patterned,
  sendTaken
} from './transport-checks.ts'
import {
  PROTOCOL,
  type CallResult,
  type TransportCase,
  type TransportTrial
} from './transport-trial.ts'

/** Returns the cases, without those that need unsupported features. */
export function failureCases(has: {
  readonly reusesAddresses: boolean
  readonly impostor: boolean
}): TransportCase[] {
  return [
    {
      name: 'rejects sends to an unreachable address, and serves others meanwhile',
      body: rejectsUnreachable
    },
    { name: 'rejects malformed addresses', body: rejectsGarbage },
    { name: 'rejects with the reason of an aborted signal', body: obeysAbortedSignal },
    { name: 'settles sends whose signal aborts', body: settlesAborted },
    { name: 'rejects sends to a peer that has stopped', body: noticesStop },
    { name: 'reports peers of another protocol, on both sides', body: tellsProtocolsApart },
    ...(has.reusesAddresses ? [successorCase] : []),
    ...(has.impostor ? [impostorCase] : [])
  ]
}

async function rejectsUnreachable(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  const { unreachable } = trial.options
  const sendings = [1, 2, 3].map((seed) => a.send(unreachable, patterned(10, seed)))
  await checkAlive(trial, a, b, patterned(10, 9))
  for (const result of await trial.inTime(`sends to ${unreachable}`, Promise.all(sendings))) {
    checkCode(`a send to ${unreachable}`, result, 'UNREACHABLE', 'INVALID_ADDRESS')
  }
  await checkAlive(trial, b, a, patterned(10, 8))
}

// None of them is a valid host name.
const GARBAGE = [
  '',
  ' ',
  '\0',
  '\n',
  'nonsense',
  ':',
  '://',
  'http://',
  '..',
  '[',
  '[::1',
  '[::1]',
  '127.0.0.1',
  '127.0.0.1:',
  '127.0.0.1:0',
  '127.0.0.1:99999',
  '127.0.0.1:-1',
  '127.0.0.1:1e3',
  '/',
  '/ip4',
  '/ip4/999.1.1.1/tcp/1',
  '/p2p/nobody',
  '\ud800',
  '\u202e',
  '%00',
  '__proto__',
  'constructor',
  'a'.repeat(257),
  ':'.repeat(10_000)
]

async function rejectsGarbage(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  for (const address of GARBAGE) {
    const shown = JSON.stringify(address.slice(0, 40))
    const result = await trial.inTime(`a send to ${shown}`, a.send(address, patterned(10, 1)))
    check(!result.ok, `a send to ${shown} was taken`)
    checkTyped(`a send to ${shown}`, result)
  }
  await checkAlive(trial, a, b, patterned(10, 9))
  checkHeardOnly(b, 'a message to nonsense arrived', patterned(10, 9))
}

async function obeysAbortedSignal(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  const reason = new RangeError('no longer needed')
  // For the second and third send there may be a connection.
  for (const [index, to] of [b.address, trial.options.unreachable, b.address].entries()) {
    const sending = a.send(to, patterned(10, 1), AbortSignal.abort(reason))
    const result = await trial.inTime('a send with an aborted signal', sending)
    const obeyed = !result.ok && result.error === reason
    check(obeyed, `a send with an aborted signal: came ${codeOf(result)}, not its reason`)
    await checkAlive(trial, a, b, patterned(10, 2 + index))
  }
  await trial.quiet()
  check(
    b.heard.every(({ bytes }) => bytes[0] !== 1),
    'a message arrived whose signal had aborted'
  )
}

async function settlesAborted(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  const reason = new RangeError('cancelled')
  const controllers = [b.address, trial.options.unreachable].map((to) => {
    const controller = new AbortController()
    return { to, controller, sending: a.send(to, patterned(10, 1), controller.signal) }
  })
  for (const { controller } of controllers) controller.abort(reason)
  for (const { to, sending } of controllers) {
    const result = await trial.inTime('a send whose signal aborts', sending)
    if (result.ok || result.error !== reason)
      checkTyped(`a send to ${to} whose signal aborts`, result)
  }
  await checkAlive(trial, a, b, patterned(10, 9))
}

async function noticesStop(trial: TransportTrial): Promise<void> {
  const [a, b, c] = [await trial.node(), await trial.node(), await trial.node()]
  await checkAlive(trial, a, b, patterned(10, 1))
  await trial.inTime('stop', b.stop())
  let result: CallResult = { ok: true, value: undefined }
  await trial.until(
    `sends to ${b.address}, where a peer has stopped, go on being taken`,
    async () => {
      result = await trial.inTime('a send to a stopped peer', a.send(b.address, patterned(10, 2)))
      return !result.ok
    }
  )
  checkTyped('a send to a stopped peer', result)
  await checkAlive(trial, a, c, patterned(10, 3))
}

async function tellsProtocolsApart(trial: TransportTrial): Promise<void> {
  const ours = [await trial.node(), await trial.node()] as const
  const other = await trial.node({ protocol: PROTOCOL.replace('conformance', 'another') })
  for (const [from, to] of [
    [ours[0], other],
    [other, ours[1]]
  ] as const) {
    const sending = from.send(to.address, patterned(10, 1))
    checkCode(
      'a send to a peer of another protocol',
      await trial.inTime('a send', sending),
      'PROTOCOL_MISMATCH'
    )
    if (trial.options.seesStrangers === false) continue
    await trial.until('the peer of another protocol did not report PROTOCOL_MISMATCH by fail', () =>
      to.failures.some((error) => codeOf({ ok: false, error }) === 'PROTOCOL_MISMATCH')
    )
  }
  await trial.quiet()
  const heard = [...ours, other].flatMap((node) => node.heard)
  check(heard.length === 0, 'a message passed between peers of different protocols')
  await checkAlive(trial, ours[0], ours[1], patterned(10, 2))
}

const successorCase = {
  name: 'reaches a new peer at the address of a stopped one',
  body: reachesSuccessor
}

async function reachesSuccessor(trial: TransportTrial): Promise<void> {
  const a = await trial.node()
  const b = await trial.node()
  await checkAlive(trial, a, b, patterned(10, 1))
  await trial.inTime('stop', b.stop())
  await trial.inTime('a send to a stopped peer', a.send(b.address, patterned(10, 2)))
  const successor = await trial.node({ address: b.address })
  check(
    successor.address === b.address,
    `a transport for ${b.address} started at ${successor.address}`
  )
  await trial.until(`no message reached the new peer at ${b.address}`, async () => {
    const result = await trial.inTime('a send to a new peer', a.send(b.address, patterned(10, 3)))
    checkTyped('a send to a new peer', result)
    return successor.heard.length > 0
  })
  await sendTaken(trial, successor, a.address, patterned(10, 4))
  await heardBy(trial, a, patterned(10, 4))
}

const impostorCase = {
  name: 'lets no peer send with the address of another',
  body: unmasksImpostor
}

/** The impostor may fail to start or to send, or its messages may arrive with its own address; the victim is not affected. */
async function unmasksImpostor(trial: TransportTrial): Promise<void> {
  const [a, victim] = [await trial.node(), await trial.node()]
  const started = await trial.start(await trial.createImpostor(victim.address))
  if (started.ok) {
    const result = await trial.inTime(
      'a send of an impostor',
      started.value.send(a.address, patterned(10, 1))
    )
    checkTyped('a send of an impostor', result)
    await trial.quiet()
    const deceived = a.heard.some(({ from }) => from === victim.address)
    check(!deceived, 'a message arrived with the address of a peer that had not sent it')
  }
  await checkAlive(trial, a, victim, patterned(10, 2))
  await checkAlive(trial, victim, a, patterned(10, 3))
}

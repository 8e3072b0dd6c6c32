/** The part of the transport suite about connections: peers that are watched, lost and dismissed. */

import { check } from './checks.ts'
import { checkAlive, codeOf, patterned } from './transport-checks.ts'
import type { TransportCase, TransportTrial } from './transport-trial.ts'

/** The cases; those about connections are left out for a transport that has none. */
export function connectionCases(has: { readonly hasConnections: boolean }): TransportCase[] {
  return [
    { name: 'watches peers without speaking to them', body: watchesInSilence },
    ...(has.hasConnections
      ? [
          { name: 'tells once that a watched peer is lost', body: tellsLossOnce },
          { name: 'dismisses a peer, and tells it', body: dismisses }
        ]
      : [])
  ]
}

async function watchesInSilence(trial: TransportTrial): Promise<void> {
  const [a, b] = [await trial.node(), await trial.node()]
  a.transport.watch([b.address, trial.options.unreachable])
  a.transport.watch([])
  a.transport.watch([b.address])
  await trial.quiet()
  check(b.heard.length === 0, 'a peer was sent something because it is watched')
  check(a.lost.length === 0, 'a peer was told as lost that was never connected')
  await checkAlive(trial, a, b, patterned(10, 1))
}

async function tellsLossOnce(trial: TransportTrial): Promise<void> {
  const [a, b, c] = [await trial.node(), await trial.node(), await trial.node()]
  await checkAlive(trial, a, b, patterned(10, 1))
  await checkAlive(trial, a, c, patterned(10, 2))
  a.transport.watch([b.address, c.address])
  await trial.inTime('stop', b.stop())
  await trial.until('the loss of a peer that stopped was not told', () => a.lost.length > 0)
  await trial.quiet()
  const [first] = a.lost
  check(first!.peer === b.address, `${first!.peer} was told as lost, which is still there`)
  check(a.lost.length === 1, `one loss was told ${a.lost.length} times`)
  const code = codeOf({ ok: false, error: first!.error })
  check(!code.includes(' '), `a loss was told with ${code}`)
  await checkAlive(trial, a, c, patterned(10, 3))
}

async function dismisses(trial: TransportTrial): Promise<void> {
  const [b, c] = [await trial.node(), await trial.node()]
  let dismiss: (() => void) | undefined
  // It may be called while a message is received.
  const a = await trial.node({ receive: () => dismiss?.() })
  check(a.transport.dismiss !== undefined, 'there is no dismiss')
  await checkAlive(trial, c, a, patterned(10, 1))
  await checkAlive(trial, b, a, patterned(10, 2))
  const { from } = a.heard.at(-1)!
  dismiss = () => {
    dismiss = undefined
    a.transport.dismiss!(from, 'banned')
  }
  const sending = b.send(a.address, patterned(10, 3))
  await trial.until('a dismissed peer was not told', () => b.lost.length > 0)
  await trial.inTime('a send to who dismisses', sending)
  const code = codeOf({ ok: false, error: b.lost[0]!.error })
  check(!code.includes(' '), `a dismissal was told with ${code}`)
  check(c.lost.length === 0, 'a peer was told as lost that was not dismissed')
  await checkAlive(trial, c, a, patterned(10, 4))
}

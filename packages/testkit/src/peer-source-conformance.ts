/** The promises of the PeerSource port as a list of cases, for whoever writes one. */

import { isAddress, type Address, type PeerSource } from '@rumormill/protocol'
import type { ConformanceCase } from './conformance.ts'
import { check } from './message-checks.ts'
import { createPatience, type Patience, type PatienceOptions } from './patience.ts'

/** What differs between peer sources. */
export interface PeerSourceConformanceOptions extends PatienceOptions {
  /** Addresses that an answer must name, among others. Default: none. */
  readonly expected?: readonly Address[]
  /** Makes the next answer of any source differ: without it, an answer that changes later may not show. */
  readonly change?: () => void | Promise<void>
}

/** A peer source under test, with every option settled. */
interface PeerSourceTrial {
  readonly create: () => PeerSource | Promise<PeerSource>
  readonly expected: readonly Address[]
  readonly change: () => void | Promise<void>
  readonly inTime: Patience['inTime']
}

/** The cases that every peer source must pass while what it asks is well. `create` is called anew for each case. */
export function peerSourceConformance(
  create: () => PeerSource | Promise<PeerSource>,
  options: PeerSourceConformanceOptions = {}
): readonly ConformanceCase[] {
  const { inTime } = createPatience(options)
  const trial = {
    create,
    expected: options.expected ?? [],
    change: options.change ?? (() => {}),
    inTime
  }
  const cases: Record<string, (trial: PeerSourceTrial) => Promise<void>> = {
    'names addresses': namesAddresses,
    'answers again and again': answersAgain,
    'answers several calls at once': answersAtOnce,
    'gives its answers away for good': givesAnswersAway,
    'heeds a signal that had aborted': heedsAbortedSignal,
    'heeds a signal that aborts on the way': heedsAbort
  }
  return Object.entries(cases).map(([name, body]) => ({ name, run: () => body(trial) }))
}

async function namesAddresses(trial: PeerSourceTrial): Promise<void> {
  checkAnswer(trial, await ask(trial, await trial.create()))
}

async function answersAgain(trial: PeerSourceTrial): Promise<void> {
  const source = await trial.create()
  for (let round = 0; round < 5; round++) checkAnswer(trial, await ask(trial, source))
}

async function answersAtOnce(trial: PeerSourceTrial): Promise<void> {
  const source = await trial.create()
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask(trial, source)))
  for (const answer of answers) checkAnswer(trial, answer)
}

async function givesAnswersAway(trial: PeerSourceTrial): Promise<void> {
  const source = await trial.create()
  const first = await ask(trial, source)
  const copy = [...first]
  await trial.change()
  checkAnswer(trial, await ask(trial, source))
  const same =
    first.length === copy.length && copy.every((address, index) => address === first[index])
  check(same, 'an answer changed when the source was asked again')
}

async function heedsAbortedSignal(trial: PeerSourceTrial): Promise<void> {
  const source = await trial.create()
  const reason = new RangeError('no longer wanted')
  await checkAborted(trial, call(source, AbortSignal.abort(reason)), reason)
  checkAnswer(trial, await ask(trial, source))
}

async function heedsAbort(trial: PeerSourceTrial): Promise<void> {
  const source = await trial.create()
  const reason = new RangeError('changed my mind')
  const controller = new AbortController()
  const [aborted, other] = [call(source, controller.signal), ask(trial, source)]
  controller.abort(reason)
  await checkAborted(trial, aborted, reason)
  checkAnswer(trial, await other)
}

/** A source may have its answer at hand; else it rejects with the reason. What it must not do is go on forever. */
async function checkAborted(
  trial: PeerSourceTrial,
  asked: Promise<readonly Address[]>,
  reason: Error
): Promise<void> {
  const answer = asked.then(
    (addresses) => checkAnswer(trial, addresses),
    (error: unknown) =>
      check(error === reason, `an aborted call rejected with ${String(error)}, not with its reason`)
  )
  await trial.inTime('an aborted call of peers', answer)
}

function ask(trial: PeerSourceTrial, source: PeerSource): Promise<readonly Address[]> {
  const answer = call(source, new AbortController().signal).catch((error: unknown) => {
    throw new Error(`peers rejected with ${String(error)}`, { cause: error })
  })
  return trial.inTime('peers', answer)
}

function call(source: PeerSource, signal: AbortSignal): Promise<readonly Address[]> {
  try {
    return source.peers({ signal })
  } catch (error) {
    throw new Error(`peers threw ${String(error)} instead of giving a promise that rejects`, {
      cause: error
    })
  }
}

function checkAnswer({ expected }: PeerSourceTrial, answer: readonly Address[]): void {
  check(Array.isArray(answer), `peers resolved with ${typeof answer}, not with a list`)
  const strange = answer.find((each) => !isAddress(each))
  check(answer.every(isAddress), `peers named ${JSON.stringify(strange)}, which is not an address`)
  const missing = expected.filter((each) => !answer.includes(each))
  check(missing.length === 0, `peers did not name ${missing.join(', ')}`)
}

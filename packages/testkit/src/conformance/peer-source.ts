/** The contract of the PeerSource port as a list of test cases. */

import { isAddress, type Address, type PeerSource } from '@rumormill/protocol/plugin'
import type { ConformanceCase } from './case.ts'
import { check } from './checks.ts'
import { createPatience, type Patience, type PatienceOptions } from './patience.ts'

/** The differences between peer sources. */
export interface PeerSourceConformanceOptions extends PatienceOptions {
  /** Addresses that an answer must contain, among others. Default: none. */
  readonly expected?: readonly Address[]
  /** Makes the next answer of any source differ. Without it, a change of an earlier answer may not be detected. */
  readonly change?: () => void | Promise<void>
}

/** A peer source under test, with complete options. */
interface PeerSourceTrial {
  readonly create: () => PeerSource | Promise<PeerSource>
  readonly expected: readonly Address[]
  readonly change: () => void | Promise<void>
  readonly inTime: Patience['inTime']
}

/** Returns the cases that every peer source must pass while its backend works. `create` is called for each case. */
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
    'answers repeatedly': answersAgain,
    'answers several calls at once': answersAtOnce,
    'never changes an answer that it gave': givesAnswersAway,
    'settles a call whose signal had aborted': heedsAbortedSignal,
    'settles a call whose signal aborts': heedsAbort
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
  check(same, 'an answer changed when the source was answering again')
}

async function heedsAbortedSignal(trial: PeerSourceTrial): Promise<void> {
  const source = await trial.create()
  const reason = new RangeError('no longer needed')
  await checkAborted(trial, call(source, AbortSignal.abort(reason)), reason)
  checkAnswer(trial, await ask(trial, source))
}

async function heedsAbort(trial: PeerSourceTrial): Promise<void> {
  const source = await trial.create()
  const reason = new RangeError('cancelled')
  const controller = new AbortController()
  const [aborted, other] = [call(source, controller.signal), ask(trial, source)]
  controller.abort(reason)
  await checkAborted(trial, aborted, reason)
  checkAnswer(trial, await other)
}

/** A source may still answer, or reject with the reason. It must not stay pending forever. */
async function checkAborted(
  trial: PeerSourceTrial,
  answering: Promise<readonly Address[]>,
  reason: Error
): Promise<void> {
  const answer = answering.then(
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
    throw new Error(`peers threw ${String(error)} instead of returning a promise that rejects`, {
      cause: error
    })
  }
}

function checkAnswer({ expected }: PeerSourceTrial, answer: readonly Address[]): void {
  check(Array.isArray(answer), `peers resolved with ${typeof answer}, not with a list`)
  const strange = answer.find((each) => !isAddress(each))
  check(
    answer.every(isAddress),
    `peers returned ${JSON.stringify(strange)}, which is not an address`
  )
  const missing = expected.filter((each) => !answer.includes(each))
  check(missing.length === 0, `peers did not return ${missing.join(', ')}`)
}

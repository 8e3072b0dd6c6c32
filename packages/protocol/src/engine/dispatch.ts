/** Hands each message to its family, and passes on to other families what it says to them: the families do not know one another. */

import type { FamilyEffect } from '../model/effect.ts'
import type { Message, MessageOf } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import type { EngineState } from './engine-state.ts'

type Effects = readonly FamilyEffect[]

/** Returns what the families of `engine` make of a message. */
export function dispatch(
  engine: EngineState,
  nowMs: number,
  from: Address,
  message: Message
): Effects {
  switch (message.kind) {
    case 'view-request':
    case 'view-response':
      return exchangeViews(engine, nowMs, from, message)
    case 'neighbor':
      engine.broadcaster.neighbor(nowMs, from)
      return []
    case 'prune':
    case 'refused':
      engine.broadcaster.eager.pruned(from, message.tree)
      return []
    default:
      // A message about updates shows that own updates may have reached its sender.
      engine.ownUpdates.messageReceived()
      engine.store.advance(nowMs)
      return ofUpdates(engine, nowMs, from, message)
  }
}

function ofUpdates(
  engine: EngineState,
  nowMs: number,
  from: Address,
  message: Exclude<
    Message,
    MessageOf<'view-request' | 'view-response' | 'neighbor' | 'prune' | 'refused'>
  >
): Effects {
  const { antiEntropy, broadcaster, fetcher } = engine
  switch (message.kind) {
    case 'content-request':
      broadcaster.eager.fetched(from, message.digests)
      return [fetcher.serve(nowMs, from, message.digests)]
    case 'content-response':
      return takeContents(engine, nowMs, from, message)
    case 'digest-request':
    case 'digest-response':
    case 'sketch-request':
    case 'sketch-response':
    case 'difference-request':
      return antiEntropy.receive(nowMs, from, message)
    case 'ihave':
      broadcaster.ihave(from, message.digests)
      return fetcher.offered(nowMs, from, message.digests)
    case 'eager-push': {
      const pushed = fetcher.pushed(nowMs, from, message)
      return [...pushed.effects, ...broadcaster.eager.pushed(nowMs, from, message.tree, pushed)]
    }
  }
}

function exchangeViews(
  { admission, broadcaster, chooseNeighbors, sampler }: EngineState,
  nowMs: number,
  from: Address,
  message: MessageOf<'view-request' | 'view-response'>
): Effects {
  const view = message.view.filter(({ address }) => admission.admits(nowMs, address))
  const effects = sampler.receive(nowMs, from, { ...message, view })
  return [...effects, ...broadcaster.refill(nowMs, sampler.viewSize, chooseNeighbors)]
}

function takeContents(
  { antiEntropy, fetcher }: EngineState,
  nowMs: number,
  from: Address,
  response: MessageOf<'content-response'>
): Effects {
  const isAwaited = fetcher.isAwaiting(nowMs, from)
  const effects = fetcher.answered(nowMs, from, response)
  // The free slots are for more of what the last comparison found.
  return isAwaited ? [...effects, ...antiEntropy.goOn(nowMs, from)] : effects
}

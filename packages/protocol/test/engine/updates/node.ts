/** One disseminator without a network, and short helpers for its inputs and effects. */

import type { DisseminationConfig } from '../../../src/engine/engine-options.ts'
import type { MessageOf, Send } from '../../../src/model/message.ts'
import { blake3Hash, packDigests } from '../../../src/model/update.ts'
import { disseminationOf } from '../../anti-entropy/preset.ts'
import { UpdateNode } from '../update-node.ts'

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (content: Uint8Array): string => new TextDecoder().decode(content)
export const digests = (...texts: string[]): Uint8Array =>
  packDigests(texts.map((each) => blake3Hash(bytes(each))))

export function node(changes: Partial<DisseminationConfig> = {}): UpdateNode {
  const config = { ...disseminationOf('reference'), ...changes }
  return new UpdateNode(config)
}

export type Effects = ReturnType<UpdateNode['receive']>
export const sends = (effects: Effects): Send[] => effects.filter((each) => each.kind === 'send')
export const delivered = (effects: Effects): string[] =>
  effects.flatMap((each) => (each.kind === 'deliver' ? [text(each.update.content)] : []))
export const dropped = (effects: Effects): Record<string, number> =>
  Object.fromEntries(
    effects.flatMap((each) => (each.kind === 'dropped' ? [[each.reason, each.count]] : []))
  )
export const contents = (...texts: string[]): MessageOf<'content-response'> => ({
  kind: 'content-response',
  contents: texts.map(bytes),
  ages: texts.map(() => 0)
})

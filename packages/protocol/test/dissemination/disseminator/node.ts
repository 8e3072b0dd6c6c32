/** One disseminator without a network, and short helpers for its inputs and effects. */

import type { DisseminationConfig } from '../../../src/dissemination/config.ts'
import { Disseminator } from '../../../src/dissemination/disseminator.ts'
import type { ContentResponse, Send } from '../../../src/message.ts'
import { createRng } from '../../../src/random.ts'
import { blake3Hash, packDigests } from '../../../src/update.ts'
import { disseminationOf } from '../preset.ts'

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (content: Uint8Array): string => new TextDecoder().decode(content)
export const digests = (...texts: string[]): Uint8Array =>
  packDigests(texts.map((each) => blake3Hash(bytes(each))))

export function node(changes: Partial<DisseminationConfig> = {}): Disseminator {
  const config = { ...disseminationOf('reference'), ...changes }
  return new Disseminator(config, blake3Hash, createRng(1), 0, false)
}

export type Effects = ReturnType<Disseminator['receive']>
export const sends = (effects: Effects): Send[] => effects.filter((each) => each.kind === 'send')
export const delivered = (effects: Effects): string[] =>
  effects.flatMap((each) => (each.kind === 'deliver' ? [text(each.update.content)] : []))
export const dropped = (effects: Effects): Record<string, number> =>
  Object.fromEntries(
    effects.flatMap((each) => (each.kind === 'dropped' ? [[each.reason, each.count]] : []))
  )
export const contents = (...texts: string[]): ContentResponse => ({
  kind: 'content-response',
  contents: texts.map(bytes),
  ages: texts.map(() => 0)
})

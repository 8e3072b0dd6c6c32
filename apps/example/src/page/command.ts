/** Parses and validates the commands of a page. */

import type { Command } from '@rumormill/page'
import { CODEC_NAMES, PRESET_NAMES, TRANSPORT_NAMES } from '../plugin-names.ts'

/** The fewest and the most nodes of a demo. */
export const MIN_NODES = 2
export const MAX_NODES = 200
/** The longest text that a page submits, in characters. */
const MAX_TEXT_LENGTH = 500

/** Returns the command in `body`, or undefined when it is invalid. */
export function parseCommand(body: unknown): Command | undefined {
  if (typeof body !== 'object' || body === null || !('kind' in body)) return undefined
  const fields = body as Readonly<Record<string, unknown>>
  const { kind, node } = fields
  switch (kind) {
    case 'submit': {
      const { text } = fields
      return isNumber(node) && isText(text) ? { kind, node, text } : undefined
    }
    case 'kill':
    case 'restart':
      return isNumber(node) ? { kind, node } : undefined
    case 'partition': {
      const { nodes } = fields
      const ok =
        Array.isArray(nodes) &&
        nodes.length > 0 &&
        nodes.length < MAX_NODES &&
        nodes.every(isNumber)
      return ok ? { kind, nodes } : undefined
    }
    case 'heal':
      return { kind }
    case 'run':
      return parseRun(fields)
    default:
      return undefined
  }
}

function parseRun({
  nodes,
  transport,
  codec,
  preset
}: Readonly<Record<string, unknown>>): Command | undefined {
  if (!isNumber(nodes) || nodes < MIN_NODES || nodes > MAX_NODES) return undefined
  if (
    !isOneOf(TRANSPORT_NAMES, transport) ||
    !isOneOf(CODEC_NAMES, codec) ||
    !isOneOf(PRESET_NAMES, preset)
  )
    return undefined
  return { kind: 'run', nodes, transport, codec, preset }
}

/** Returns whether `value` is a valid node number or number of nodes. */
function isNumber(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_NODES
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TEXT_LENGTH
}

function isOneOf<Name extends string>(names: readonly Name[], value: unknown): value is Name {
  return names.some((name) => name === value)
}

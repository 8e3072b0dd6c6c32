/** Names of what the command line can choose, apart from the plugins themselves: help needs no transport. */

import type { Preset } from '@rumormill/protocol'

export const CODEC_NAMES = ['binary', 'json'] as const
export type CodecName = (typeof CODEC_NAMES)[number]

export const TRANSPORT_NAMES = ['tcp', 'libp2p'] as const
export type TransportName = (typeof TRANSPORT_NAMES)[number]

export const PRESET_NAMES: readonly Preset[] = ['local', 'lan', 'wan', 'reference']

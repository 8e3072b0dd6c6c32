/** The names of the plugins, separate from the plugins themselves, so that help does not load a transport. */

import type { Preset } from '@rumormill/protocol'

export const CODEC_NAMES = ['binary', 'json'] as const
export type CodecName = (typeof CODEC_NAMES)[number]

export const TRANSPORT_NAMES = ['tcp', 'libp2p'] as const
export type TransportName = (typeof TRANSPORT_NAMES)[number]

export const PRESET_NAMES: readonly Preset[] = ['local', 'lan', 'wan', 'reference']

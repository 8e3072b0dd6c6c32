/**
 * The face of `@rumormill/protocol` for authors of plugins: ports, messages, errors, and checks of options. What applications
 * use as well, such as `digestOf`, stands in `@rumormill/protocol`.
 * @module @rumormill/protocol/plugin
 */

// Ports.
export { type Clock } from './ports/clock.ts'
export { type Codec } from './ports/codec.ts'
export { type PeerSource } from './ports/peer-source.ts'
export {
  type PersistedState,
  type PersistedUpdate,
  type Storage,
  type StorageChange
} from './ports/storage.ts'
export { type DismissalReason, type Receiver, type Transport } from './ports/transport.ts'

// Messages.
export {
  AGE_UNIT_MS,
  FIELDS,
  MESSAGE_COST,
  MESSAGE_VERSIONS,
  MESSAGES,
  type FieldName,
  type Message,
  type MessageKind,
  type MessageOf
} from './model/message.ts'
export { isBytes, isMessageKind, messageFault, type FieldLimits } from './model/message-fault.ts'
export { isAddress, MAX_ADDRESS_BYTES, MAX_AGE, type Address, type Peer } from './model/peer.ts'
export {
  DIGEST_BYTES,
  digestFromHex,
  digestToHex,
  packDigests,
  type Digest
} from './model/update.ts'

// Errors and options.
export { GossipError, toGossipError, type GossipErrorCode } from './model/errors.ts'
export { completeOptions, raised, whole, type Check } from './options/checks.ts'

// Time and chance.
export { createRng, type Rng } from './model/random.ts'
export { systemClock } from './options/system.ts'

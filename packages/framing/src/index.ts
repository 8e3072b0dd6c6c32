/**
 * The face of `@rumormill/framing`: what transports over byte streams share.
 * @module @rumormill/framing
 */
export { AbortWatch } from './abort-watch.ts'
export { BackOff, type BackOffOptions } from './back-off.ts'
export { FrameCutter, HEADER_BYTES, type FrameLimits } from './framing.ts'
export { OutQueue, type QueueLimits } from './out-queue.ts'
export { packFrames } from './packing.ts'
export { PartialBudget } from './partial-budget.ts'

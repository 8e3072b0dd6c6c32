/** Transports over a memory network with one thing broken each, and the case that must notice. */

import { connectionFaults } from './broken-transports/connections.ts'
import { failureFaults } from './broken-transports/failures.ts'
import type { Fault } from './broken-transports/fault.ts'
import { lifeFaults } from './broken-transports/life.ts'
import { messageFaults } from './broken-transports/messages.ts'

export const faults: readonly Fault[] = [
  ...messageFaults,
  ...failureFaults,
  ...lifeFaults,
  ...connectionFaults
]

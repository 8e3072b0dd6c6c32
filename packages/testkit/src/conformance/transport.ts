/** The contract of the Transport port as a list of test cases. */

import type { ConformanceCase } from './case.ts'
import { connectionCases } from './transport-connections.ts'
import { failureCases } from './transport-failures.ts'
import { lifeCases } from './transport-life.ts'
import { messageCases } from './transport-messages.ts'
import {
  runTrial,
  type CreateTransport,
  type TransportConformanceOptions
} from './transport-trial.ts'

/**
 * Returns the cases that every transport must pass. `create` is called for each transport of each case; a case stops all of
 * its transports. No other peer may send to them. The network between them must not lose messages.
 */
export function transportConformance(
  create: CreateTransport,
  options: TransportConformanceOptions
): readonly ConformanceCase[] {
  const { authenticated = false, reusesAddresses, hasConnections = false, createImpostor } = options
  const has = { authenticated, reusesAddresses, impostor: createImpostor !== undefined }
  const cases = [
    ...messageCases(has),
    ...failureCases(has),
    ...lifeCases(has),
    ...connectionCases({ hasConnections })
  ]
  return cases.map(({ name, body }) => ({
    name,
    run: () => runTrial(create, options, body)
  }))
}

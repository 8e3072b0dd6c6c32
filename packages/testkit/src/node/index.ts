/**
 * The face of `@rumormill/testkit/node`: what needs Node's sockets.
 * @module @rumormill/testkit/node
 */
export {
  tcpFaultProxy,
  type TcpFaultProxy,
  type TcpFaultProxyOptions,
  type Way
} from './tcp-fault-proxy.ts'
export { type ProxyCounts, type StreamFaults } from './stream-faults.ts'

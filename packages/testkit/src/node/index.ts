/**
 * The entry point `@rumormill/testkit/node`: test tools that need the sockets of Node.js.
 * @module @rumormill/testkit/node
 */
export {
  tcpFaultProxy,
  type TcpFaultProxy,
  type TcpFaultProxyOptions,
  type Way
} from '../faults/node/tcp-fault-proxy.ts'
export { type ProxyCounts, type StreamFaults } from '../faults/node/stream-faults.ts'

/**
 * The face of `@rumormill/transport-tcp`.
 * @module @rumormill/transport-tcp
 */
export { tcpTransport, type TcpTransport } from './tcp-transport.ts'
export { type TcpDeadlines, type TcpLimits, type TcpTransportOptions } from './config.ts'
export { type Refusal, type TcpStats } from './stats.ts'

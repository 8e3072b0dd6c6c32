/**
 * The entry point of `@rumormill/transport-tcp`: a transport over raw TCP.
 * @module @rumormill/transport-tcp
 */
export { tcpTransport, type TcpTransport } from './tcp-transport.ts'
export { type TcpDeadlines, type TcpLimits, type TcpTransportOptions } from './config.ts'
export { type Refusal, type TcpStats } from './stats.ts'

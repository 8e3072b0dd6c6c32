/** Starts the processes of nodes, on this machine or in a network namespace. */

import { fork, spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Where a node runs, if not on loopback. */
export interface Place {
  /** The name of the network namespace. */
  readonly namespace: string
  readonly host: string
}

/** The arguments of Node that put a fault into a process, if this one has a fault. */
const FAULT_ARGUMENTS = process.execArgv.includes('--import')
  ? process.execArgv.slice(process.execArgv.indexOf('--import'))
  : []

/** Starts a module of this folder as a process with an IPC channel. */
export function launch(module: string, namespace?: string): ChildProcess {
  const script = fileURLToPath(new URL(module, import.meta.url))
  const execArgv = FAULT_ARGUMENTS
  const stdio: ('ignore' | 'inherit' | 'ipc')[] = ['ignore', 'ignore', 'inherit', 'ipc']
  if (namespace === undefined) return fork(script, [], { execArgv, stdio })
  // `ip` replaces itself by the node, which keeps the process id and the channel.
  const words = ['netns', 'exec', namespace, process.execPath, ...execArgv, script]
  return spawn('ip', words, { stdio })
}

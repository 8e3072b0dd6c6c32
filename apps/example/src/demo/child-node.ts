/** A node of the demo in a process of its own, as its parent sees it. The other end is `child.ts`. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { DemoListener, DemoNode, DemoNodeOptions } from './demo-node.ts'

/** From parent to child. */
export type Order =
  | { readonly kind: 'start', readonly peers: readonly string[], readonly options: DemoNodeOptions }
  | { readonly kind: 'submit', readonly content: string }
  | { readonly kind: 'stop' }

/** From child to parent. */
export type Report =
  | { readonly kind: 'started', readonly address: string }
  | { readonly kind: 'connected' }
  | { readonly kind: 'submitted' | 'delivered', readonly content: string, readonly atMs: number }
  | { readonly kind: 'failed', readonly reason: string }

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url))
const STOP_MS = 5000

export function childNode(options: DemoNodeOptions, listener: DemoListener): DemoNode {
  let child: ChildProcess | undefined
  let stopping = false
  const tell = (order: Order): void => {
    // A child that has just died is told of by its `exit`.
    if (child?.connected === true) child.send(order, () => {})
  }
  return {
    start(peers) {
      const started = fork(CHILD, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
      child = started
      const address = new Promise<string>((resolve, reject) => {
        started.on('message', (report) => hear(report as Report, listener, resolve))
        started.once('error', (error) => reject(error))
        started.once('exit', (code, signal) => {
          const reason = `process ${started.pid} ended with ${signal ?? `exit code ${code}`}`
          reject(new Error(reason))
          if (!stopping) listener.ended(reason)
        })
      })
      tell({ kind: 'start', peers, options })
      return address
    },
    submit: (content) => tell({ kind: 'submit', content }),
    async stop() {
      stopping = true
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      tell({ kind: 'stop' })
      const kill = setTimeout(() => child?.kill('SIGKILL'), STOP_MS)
      await gone
      clearTimeout(kill)
    }
  }
}

function hear(report: Report, listener: DemoListener, started: (address: string) => void): void {
  switch (report.kind) {
    case 'started':
      return started(report.address)
    case 'connected':
      return listener.connected()
    case 'failed':
      return listener.failed(report.reason)
    default:
      return listener[report.kind](report.content, report.atMs)
  }
}

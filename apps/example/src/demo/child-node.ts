/** The parent's side of a node in its own process. The child's side is `child.ts`. */

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { DemoListener, DemoNode, DemoNodeOptions, Sight } from './demo-node.ts'

/** Messages from the parent to the child. */
export type Order =
  | { readonly kind: 'start'; readonly peers: readonly string[]; readonly options: DemoNodeOptions }
  | { readonly kind: 'submit'; readonly content: string }
  | { readonly kind: 'cut'; readonly peers: readonly string[] }
  | { readonly kind: 'look' | 'stop' }

/** Messages from the child to the parent. */
export type Report =
  | { readonly kind: 'started'; readonly address: string }
  | { readonly kind: 'connected' }
  | { readonly kind: 'submitted'; readonly content: string; readonly atMs: number }
  | {
      readonly kind: 'delivered'
      readonly content: string
      readonly atMs: number
      readonly from: string | undefined
    }
  | { readonly kind: 'saw'; readonly sight: Sight }
  | { readonly kind: 'failed'; readonly reason: string }

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url))
const STOP_MS = 5000

export function childNode(options: DemoNodeOptions, listener: DemoListener): DemoNode {
  let child: ChildProcess | undefined
  let stopping = false
  const tell = (order: Order): void => {
    // Errors are ignored: a child that has just died is reported by `exit`.
    if (child?.connected === true) child.send(order, () => {})
  }
  const end = async (how: (child: ChildProcess) => void): Promise<void> => {
    stopping = true
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    how(child)
    await gone
  }
  return {
    start(peers) {
      const started = fork(CHILD, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
      child = started
      const address = new Promise<string>((resolve, reject) => {
        started.on('message', (report) => handle(report as Report, listener, resolve))
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
    cut: (peers) => tell({ kind: 'cut', peers }),
    look: () => tell({ kind: 'look' }),
    async stop() {
      let kill: NodeJS.Timeout | undefined
      await end((running) => {
        tell({ kind: 'stop' })
        kill = setTimeout(() => running.kill('SIGKILL'), STOP_MS)
      })
      clearTimeout(kill)
    },
    kill: () =>
      end((running) => {
        running.kill('SIGKILL')
      })
  }
}

function handle(report: Report, listener: DemoListener, started: (address: string) => void): void {
  switch (report.kind) {
    case 'started':
      return started(report.address)
    case 'connected':
      return listener.connected()
    case 'failed':
      return listener.failed(report.reason)
    case 'submitted':
      return listener.submitted(report.content, report.atMs)
    case 'delivered':
      return listener.delivered(report.content, report.atMs, report.from)
    case 'saw':
      return listener.saw(report.sight)
  }
}

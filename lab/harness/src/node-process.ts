/** A node in its own process: what its parent holds, and how the process itself obeys. */

import type { ChildProcess } from 'node:child_process'
import { kill } from './child-process.ts'

/** What every node process can say: the answer to the question that has waited longest. */
export interface Answer<Value = unknown> {
  readonly kind: 'answer'
  readonly answer: Value
}

interface PendingCall {
  readonly resolve: (answer: never) => void
  readonly reject: (error: Error) => void
}

/** The parent's side. The process must answer questions in their order. */
export class NodeProcess<Order extends object, News extends { readonly kind: string }> {
  readonly child: ChildProcess
  readonly #name: string
  readonly #pendingCalls: PendingCall[] = []

  /** `hear` is called with each message that is not an answer. */
  constructor(child: ChildProcess, name: string, hear: (news: Exclude<News, Answer>) => void) {
    this.child = child
    this.#name = name
    // Messages to a killed node are lost.
    child.on('error', () => {})
    child.once('exit', () => {
      for (const { reject } of this.#pendingCalls.splice(0)) reject(this.#ended())
    })
    child.on('message', (news: News | Answer<never>) => {
      if (news.kind === 'answer')
        this.#pendingCalls.shift()?.resolve((news as Answer<never>).answer)
      else hear(news as Exclude<News, Answer>)
    })
  }

  /** Sends an order that has no answer; one to a node that has ended is lost. */
  say(order: Order): void {
    if (this.child.connected) this.child.send(order, () => {})
  }

  /** Sends an order, and resolves with its answer. Rejects when the process has ended, or ends before it answers. */
  ask<Value>(order: Order): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      if (!this.child.connected) return reject(this.#ended())
      this.#pendingCalls.push({ resolve, reject })
      this.say(order)
    })
  }

  /** Kills the process unless it has ended. Resolves when it has. */
  kill(): Promise<void> {
    return kill(this.child)
  }

  #ended(): Error {
    return new Error(`${this.#name} has ended`)
  }
}

/** Lets this process obey the orders of its parent, and end with it. */
export function obeyParent<Order>(obey: (order: Order) => unknown): void {
  process.on('message', (order: Order) => void obey(order))
  process.once('disconnect', () => process.exit(0))
}

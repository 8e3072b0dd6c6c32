/** The selected node: its counters, and its view with the age of each entry. */

import { find, say } from './elements.ts'
import type { GroupState, NodeState } from './wire.ts'
import { bytes } from './words.ts'

export interface NodeDetailListener {
  submit(): void
  changeLife(): void
}

export class NodeDetail {
  readonly #title = find('detail-title', HTMLElement)
  readonly #counters = find('detail-counters', HTMLElement)
  readonly #view = find('detail-view', HTMLElement)
  readonly #submit = find('detail-submit', HTMLButtonElement)
  readonly #life = find('detail-life', HTMLButtonElement)

  constructor(listener: NodeDetailListener) {
    this.#submit.addEventListener('click', () => listener.submit())
    this.#life.addEventListener('click', () => listener.changeLife())
  }

  show({ nodes }: GroupState, selected: number): void {
    const node = nodes[selected]
    if (node === undefined) return
    say(this.#title, `Node ${selected}`)
    say(this.#life, node.status === 'down' ? 'Restart' : 'Kill')
    this.#submit.disabled = node.status !== 'up'
    this.#life.disabled = node.status === 'starting'
    this.#showCounters(countersOf(node))
    const view = node.status === 'down' ? [] : [...node.view].sort((a, b) => a[0] - b[0])
    this.#showView(view)
  }

  #showCounters(counters: readonly (readonly [string, string])[]): void {
    if (this.#counters.children.length !== counters.length) {
      this.#counters.replaceChildren(
        ...counters.map(([name]) => {
          const pair = document.createElement('div')
          pair.append(
            Object.assign(document.createElement('dt'), { textContent: name }),
            document.createElement('dd')
          )
          return pair
        })
      )
    }
    for (const [index, [, value]] of counters.entries())
      say(this.#counters.children[index]!.lastElementChild!, value)
  }

  #showView(view: NodeState['view']): void {
    while (this.#view.children.length > view.length) this.#view.lastElementChild!.remove()
    while (this.#view.children.length < view.length) {
      const entry = document.createElement('li')
      entry.append(document.createElement('b'), document.createElement('span'))
      this.#view.append(entry)
    }
    for (const [index, [number, age]] of view.entries()) {
      const entry = this.#view.children[index]!
      say(entry.firstElementChild!, number < 0 ? `${-1 - number} (earlier life)` : String(number))
      say(entry.lastElementChild!, String(age))
    }
  }
}

function countersOf(node: NodeState): [string, string][] {
  return [
    ['State', `${node.status}${node.life > 0 ? `, restarted ${node.life} ×` : ''}`],
    ['Address', node.address],
    ['Neighbors', String(node.neighbors)],
    ['Waiting for the handler', String(node.waiting)],
    ['Waiting for the network', String(node.sending)],
    ['Updates held', String(node.updates)],
    ['Submitted', String(node.submitted)],
    ['Delivered', String(node.delivered)],
    ['Copies received', String(node.copies)],
    ['Sent', `${node.sentMessages} messages, ${bytes(node.sentBytes)}`],
    ['Received', `${node.receivedMessages} messages, ${bytes(node.receivedBytes)}`],
    ['Dropped, failed', `${node.dropped}, ${node.failed}`]
  ]
}

/** The table of nodes: the data of the graph for keyboards and screen readers. */

import { say } from './elements.ts'
import type { GroupState, NodeState } from './wire.ts'
import { bytes } from './words.ts'

export interface NodeTableListener {
  select(node: number): void
  /** Kills a live node, or restarts a dead one. */
  changeLife(node: number): void
}

interface Row {
  readonly element: HTMLTableRowElement
  readonly cells: readonly HTMLTableCellElement[]
  readonly button: HTMLButtonElement
  readonly name: HTMLButtonElement
}

const COLUMNS = 10

export class NodeTable {
  readonly #body: HTMLElement
  readonly #listener: NodeTableListener
  readonly #rows: Row[] = []

  constructor(body: HTMLElement, listener: NodeTableListener) {
    this.#body = body
    this.#listener = listener
  }

  show({ nodes, side }: GroupState, selected: number): void {
    for (const { element } of this.#rows.splice(nodes.length)) element.remove()
    while (this.#rows.length < nodes.length) this.#rows.push(this.#addRow(this.#rows.length))
    for (const [number, node] of nodes.entries()) {
      const row = this.#rows[number]!
      for (const [index, text] of cellsOf(node, side.includes(number)).entries())
        say(row.cells[index]!, text)
      say(row.button, node.status === 'down' ? 'Restart' : 'Kill')
      row.button.disabled = node.status === 'starting'
      row.button.setAttribute(
        'aria-label',
        `${node.status === 'down' ? 'Restart' : 'Kill'} node ${number}`
      )
      row.element.dataset['status'] = node.status
      row.name.setAttribute('aria-pressed', String(number === selected))
    }
  }

  #addRow(number: number): Row {
    const element = document.createElement('tr')
    const head = document.createElement('th')
    head.scope = 'row'
    const name = newButton(String(number), () => this.#listener.select(number))
    name.className = 'name'
    name.setAttribute('aria-label', `Node ${number}`)
    head.append(name)
    const cells = Array.from({ length: COLUMNS }, () => document.createElement('td'))
    const action = document.createElement('td')
    const button = newButton('Kill', () => this.#listener.changeLife(number))
    action.append(button)
    element.append(head, cells[0]!, action, ...cells.slice(1))
    this.#body.append(element)
    return { element, cells, button, name }
  }
}

function newButton(text: string, press: () => void): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = text
  button.addEventListener('click', press)
  return button
}

function cellsOf(node: NodeState, ringed: boolean): string[] {
  const {
    status,
    view,
    waiting,
    sending,
    updates,
    delivered,
    copies,
    sentBytes,
    receivedBytes,
    failed
  } = node
  const state = `${status}${ringed ? ', ringed side' : ''}`
  if (status === 'down') return [state, ...Array.from({ length: COLUMNS - 1 }, () => '–')]
  const oldest = view.length === 0 ? '–' : String(Math.max(...view.map(([, age]) => age)))
  return [
    state,
    String(view.length),
    oldest,
    `${waiting} + ${sending}`,
    String(updates),
    String(delivered),
    String(copies),
    bytes(sentBytes),
    bytes(receivedBytes),
    String(failed)
  ]
}

/** The forms: submit, partition and heal, a new run. */

import { find, say } from './elements.ts'
import type { Command, GroupState, RunSettings } from './wire.ts'

export interface ControlsListener {
  ask(command: Command): void
  /** Returns the selected node. */
  selected(): number
  select(node: number): void
}

export class Controls {
  readonly #listener: ControlsListener
  readonly #text = find('text', HTMLInputElement)
  readonly #node = find('submit-node', HTMLSelectElement)
  readonly #how = find('cut-how', HTMLSelectElement)
  readonly #heal = find('heal', HTMLButtonElement)
  readonly #cutState = find('cut-state', HTMLElement)
  readonly #nodes = find('run-nodes', HTMLInputElement)
  readonly #names = {
    transport: find('run-transport', HTMLSelectElement),
    codec: find('run-codec', HTMLSelectElement),
    preset: find('run-preset', HTMLSelectElement)
  }
  #count = 0
  #run = 0

  constructor(listener: ControlsListener) {
    this.#listener = listener
    this.#onSubmit('submit-form', () => this.submitAt(Number(this.#node.value)))
    this.#onSubmit('cut-form', () => listener.ask({ kind: 'partition', nodes: this.#side() }))
    this.#heal.addEventListener('click', () => listener.ask({ kind: 'heal' }))
    this.#onSubmit('run-form', () => {
      const { transport, codec, preset } = this.#names
      listener.ask({
        kind: 'run',
        nodes: this.#nodes.valueAsNumber,
        transport: transport.value,
        codec: codec.value,
        preset: preset.value
      })
    })
    this.#node.addEventListener('change', () => listener.select(Number(this.#node.value)))
  }

  submitAt(node: number): void {
    this.#listener.ask({ kind: 'submit', node, text: this.#text.value.trim() || 'hello' })
  }

  select(node: number): void {
    this.#node.value = String(node)
  }

  show({ run, nodes, side, settings }: GroupState): void {
    this.#offerNodes(nodes.length)
    if (run !== this.#run) this.#showSettings(settings)
    this.#run = run
    this.#heal.disabled = side.length === 0
    const sides = `${side.length} (ringed) and ${nodes.length - side.length} nodes cannot reach each other`
    say(this.#cutState, side.length === 0 ? 'All nodes can reach each other.' : `Cut: ${sides}.`)
  }

  #offerNodes(count: number): void {
    if (count === this.#count) return
    this.#count = count
    this.#node.replaceChildren(
      ...Array.from({ length: count }, (_, number) => new Option(String(number)))
    )
    this.select(Math.min(this.#listener.selected(), count - 1))
  }

  #showSettings({ nodes, ...names }: RunSettings): void {
    this.#nodes.value = String(nodes)
    for (const name of ['transport', 'codec', 'preset'] as const)
      this.#names[name].value = names[name]
  }

  #side(): number[] {
    const all = Array.from({ length: this.#count }, (_, number) => number)
    switch (this.#how.value) {
      case 'one':
        return [this.#listener.selected()]
      case 'parity':
        return all.filter((number) => number % 2 === 0)
      default:
        return all.slice(0, Math.floor(all.length / 2))
    }
  }

  #onSubmit(id: string, act: () => void): void {
    find(id, HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault()
      act()
    })
  }
}

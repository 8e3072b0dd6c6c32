/** Draws the overlay as a graph that follows the views, with the spread of an update on top of it. */

import ForceGraph, { type LinkObject } from 'force-graph'
import type { GraphNode } from './graph-node.ts'
import { linksOf, SMALL_GROUP, visibleNodes } from './links.ts'
import { drawHeads, drawNode, drawTracks, type Brush, type Look } from './painting.ts'
import type { Replay, Step } from './replay.ts'
import type { Theme } from './theme.ts'
import type { GroupState } from './wire.ts'

type GraphLink = LinkObject<GraphNode>

/** Half the distance between the sides of a cut, in multiples of the distance between nodes. */
const SIDE_SPACINGS = 3
const PADDING_PX = 34
const FIT_MS = 400
const MAX_FIT = 4
const NARROW_PX = 500

export class OverlayGraph {
  readonly #graph: ForceGraph<GraphNode, GraphLink>
  readonly #element: HTMLElement
  readonly #replay: Replay
  #nodes = new Map<number, GraphNode>()
  #links = new Map<string, GraphLink>()
  #state: GroupState | undefined
  #theme: Theme
  #selected = -1
  /** The steps of the replay by node, for the current frame. */
  #steps: ReadonlyMap<number, Step> = new Map()
  /** Whether the user has moved the graph, which disables automatic fitting. */
  #moved = false

  constructor(element: HTMLElement, replay: Replay, theme: Theme, select: (node: number) => void) {
    this.#element = element
    this.#replay = replay
    this.#theme = theme
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    this.#graph = new ForceGraph<GraphNode, GraphLink>(element)
      .nodeLabel(({ id }) => `node ${id}`)
      .nodeCanvasObject((node, canvas, scale) =>
        drawNode(node, { canvas, px: 1 / scale }, this.#look(node.id))
      )
      .nodePointerAreaPaint((node, colour, canvas, scale) =>
        this.#paintArea(node, colour, { canvas, px: 1 / scale })
      )
      .linkColor(() => this.#theme.line)
      .linkWidth(() => 1)
      .onRenderFramePre((canvas, scale) => {
        this.#steps = this.#stepsNow()
        drawTracks({ canvas, px: 1 / scale }, this.#steps.values(), this.#nodes, this.#theme)
      })
      .onRenderFramePost((canvas, scale) => {
        drawHeads({ canvas, px: 1 / scale }, this.#steps.values(), this.#nodes, this.#theme)
        this.#rest()
      })
      .onNodeClick(({ id }) => select(id))
      // Wheel and touch scroll the page; a wheel with Ctrl zooms the graph, and a mouse moves it.
      .enableZoomInteraction((event) => event.ctrlKey || event.metaKey)
      .enablePanInteraction((event) => !event.type.startsWith('touch'))
      .enableNodeDrag(!matchMedia('(pointer: coarse)').matches)
      .warmupTicks(still ? 200 : 0)
      .cooldownTicks(still ? 0 : 120)
      .d3AlphaDecay(0.05)
      .d3VelocityDecay(0.5)
    this.#graph.d3Force('center', null)
    this.#graph.d3Force('sides', (alpha) => this.#pull(alpha))
    this.#graph.d3Force('charge')!['strength'](() => -this.#spacing() * 6)
    this.#graph.d3Force('link')!['distance'](() => this.#spacing() * 2.4)
    this.#graph.onEngineTick(() => {
      if (!this.#moved) this.#fit(0)
    })
    for (const event of ['pointerdown', 'wheel'] as const) {
      element.addEventListener(
        event,
        (input) => {
          if (
            event === 'pointerdown'
              ? (input as PointerEvent).pointerType === 'mouse'
              : (input as WheelEvent).ctrlKey
          )
            this.#moved = true
        },
        { passive: true }
      )
    }
    new ResizeObserver(() => this.#resize()).observe(element)
    this.#resize()
  }

  show(state: GroupState): void {
    if (this.#state?.run !== state.run) {
      this.#nodes = new Map()
      this.#links = new Map()
      this.#moved = false
    }
    const cutChanged = this.#state?.side.join() !== state.side.join()
    this.#state = state
    const changed = this.#keepNodes(visibleNodes(state))
    const linksChanged = this.#keepLinks(state)
    if (changed || linksChanged) {
      this.#graph.graphData({ nodes: [...this.#nodes.values()], links: [...this.#links.values()] })
    } else if (cutChanged) {
      this.#graph.d3ReheatSimulation()
    }
    this.refresh()
  }

  select(node: number): void {
    this.#selected = node
    this.refresh()
  }

  recolour(theme: Theme): void {
    this.#theme = theme
    this.refresh()
  }

  /** Redraws, and continues while an update is moving. */
  refresh(): void {
    this.#graph.autoPauseRedraw(!this.#replay.isMoving(performance.now()))
    this.#graph.linkColor(() => this.#theme.line)
  }

  zoom(factor: number): void {
    this.#moved = true
    this.#graph.zoom(this.#graph.zoom() * factor, FIT_MS)
  }

  fit(): void {
    this.#moved = false
    this.#fit(FIT_MS)
  }

  /** The numbers of drawn nodes and lines. */
  get counts(): { readonly nodes: number; readonly lines: number } {
    return { nodes: this.#nodes.size, lines: this.#links.size }
  }

  /** Fits all nodes into the frame, with a limit on the zoom. */
  #fit(durationMs: number): void {
    if (this.#nodes.size === 0) return
    const {
      x: [left, right],
      y: [top, bottom]
    } = this.#graph.getGraphBbox()
    const room = {
      width: this.#element.clientWidth - 2 * PADDING_PX,
      height: this.#element.clientHeight - 2 * PADDING_PX
    }
    const zoom = Math.min(
      MAX_FIT,
      room.width / (right - left || 1),
      room.height / (bottom - top || 1)
    )
    this.#graph.centerAt((left + right) / 2, (top + bottom) / 2, durationMs).zoom(zoom, durationMs)
  }

  #keepNodes(numbers: readonly number[]): boolean {
    const present = new Set(numbers)
    let changed = false
    for (const number of this.#nodes.keys()) {
      if (!present.has(number)) changed = this.#nodes.delete(number) || changed
    }
    for (const number of numbers) {
      if (this.#nodes.has(number)) continue
      this.#nodes.set(number, this.#newNode(number))
      changed = true
    }
    return changed
  }

  /** Returns a new node on a circle, so that the layout starts untangled. */
  #newNode(id: number): GraphNode {
    const angle = (2 * Math.PI * id) / this.#state!.nodes.length
    const radius = this.#spacing() * Math.sqrt(this.#state!.nodes.length)
    return { id, x: radius * Math.cos(angle), y: radius * Math.sin(angle) }
  }

  #keepLinks(state: GroupState): boolean {
    const present = new Map(
      linksOf(state)
        .filter((link) => link.every((end) => this.#nodes.has(end)))
        .map((link) => [link.join(), link])
    )
    let changed = false
    for (const key of this.#links.keys()) {
      if (!present.has(key)) changed = this.#links.delete(key) || changed
    }
    for (const [key, [source, target]] of present) {
      if (this.#links.has(key)) continue
      this.#links.set(key, { source, target })
      changed = true
    }
    return changed
  }

  /** Pulls nodes to the center; when the group is cut, to the center of their side. */
  #pull(alpha: number): void {
    const side = new Set(this.#state?.side)
    const away = SIDE_SPACINGS * this.#spacing() * Math.max(1, Math.sqrt(this.#nodes.size) / 5)
    for (const node of this.#nodes.values()) {
      const home = side.size === 0 ? 0 : side.has(node.id) ? -away : away
      node.vx = (node.vx ?? 0) + (home - (node.x ?? 0)) * 0.12 * alpha
      node.vy = (node.vy ?? 0) - (node.y ?? 0) * 0.12 * alpha
    }
  }

  #spacing(): number {
    return (this.#state?.nodes.length ?? 0) > 80 ? 14 : 28
  }

  #look(id: number): Look {
    const step = this.#steps.get(id)
    const isOrigin = this.#isShown() && this.#replay.spread?.origin === id
    const hop = isOrigin ? 0 : step !== undefined && step.progress >= 1 ? step.hop : undefined
    return {
      hop,
      alive: this.#state?.nodes[id]?.status === 'up',
      selected: id === this.#selected,
      side: this.#state!.side.length > 0 && this.#state!.side.includes(id),
      radiusPx: this.#radiusPx(),
      theme: this.#theme
    }
  }

  #stepsNow(): Map<number, Step> {
    if (!this.#isShown()) return new Map()
    return new Map(this.#replay.steps(performance.now()).map((step) => [step.node, step]))
  }

  /** Returns whether the replayed update belongs to this run. */
  #isShown(): boolean {
    return this.#replay.spread !== undefined && this.#replay.spread.run === this.#state?.run
  }

  /** Stops drawing frames when nothing moves. */
  #rest(): void {
    if (!this.#graph.autoPauseRedraw() && !this.#replay.isMoving(performance.now())) this.refresh()
  }

  #radiusPx(): number {
    const { length } = this.#state!.nodes
    const narrow = this.#element.clientWidth < NARROW_PX
    if (length <= SMALL_GROUP) return narrow ? 13 : 18
    return length <= 80 ? (narrow ? 6 : 10) : narrow ? 3.5 : 5
  }

  #paintArea({ x, y }: GraphNode, colour: string, { canvas, px }: Brush): void {
    canvas.fillStyle = colour
    canvas.beginPath()
    canvas.arc(x!, y!, (this.#radiusPx() + 4) * px, 0, 2 * Math.PI)
    canvas.fill()
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.#element
    this.#graph.width(clientWidth).height(clientHeight)
  }
}

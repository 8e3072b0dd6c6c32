/** Draws nodes and an update that moves between them. Sizes are screen pixels, independent of the zoom. */

import type { GraphNode } from './graph-node.ts'
import type { Step } from './replay.ts'
import type { Theme } from './theme.ts'

/** The appearance of a node. */
export interface Look {
  /** The hop count of the shown update at this node; undefined before it arrived. */
  readonly hop: number | undefined
  readonly alive: boolean
  readonly selected: boolean
  /** Whether it is on the side of a cut that is marked with a ring. */
  readonly side: boolean
  readonly radiusPx: number
  readonly theme: Theme
}

/** The canvas, and the size of a screen pixel in units of the graph. */
export interface Brush {
  readonly canvas: CanvasRenderingContext2D
  readonly px: number
}

type Nodes = ReadonlyMap<number, GraphNode>

const SMALLEST_LABELLED_PX = 8
const TURN = 2 * Math.PI

export function drawNode({ id, x = 0, y = 0 }: GraphNode, { canvas, px }: Brush, look: Look): void {
  const { hop, alive, selected, side, radiusPx, theme } = look
  canvas.beginPath()
  canvas.arc(x, y, radiusPx * px, 0, TURN)
  canvas.fillStyle = !alive ? theme.card : hop === undefined ? theme.node : hopColour(theme, hop)
  canvas.fill()
  canvas.lineWidth = 2 * px
  canvas.setLineDash(alive ? [] : [3 * px, 3 * px])
  canvas.strokeStyle = alive ? theme.card : theme.quiet
  canvas.stroke()
  canvas.setLineDash([])
  const ring = (distancePx: number, widthPx: number, colour: string): void => {
    canvas.beginPath()
    canvas.arc(x, y, (radiusPx + distancePx) * px, 0, TURN)
    canvas.lineWidth = widthPx * px
    canvas.strokeStyle = colour
    canvas.stroke()
  }
  if (side) ring(2, 1.5, theme.text)
  if (selected) ring(5, 2, theme.accent)
  if (radiusPx < SMALLEST_LABELLED_PX) return
  canvas.font = `600 ${Math.min(15, radiusPx * 0.95) * px}px system-ui, sans-serif`
  canvas.textAlign = 'center'
  canvas.textBaseline = 'middle'
  canvas.fillStyle = !alive || hop === undefined ? theme.text : theme.card
  canvas.fillText(String(id), x, y + 0.5 * px)
}

/** Draws the paths of the update, as far as it has come on each. */
export function drawTracks(
  { canvas, px }: Brush,
  steps: Iterable<Step>,
  nodes: Nodes,
  theme: Theme
): void {
  canvas.lineWidth = (nodes.size > 100 ? 1.5 : 2.5) * px
  for (const step of steps) {
    const way = wayOf(step, nodes)
    if (way === undefined) continue
    canvas.beginPath()
    canvas.moveTo(way.fromX, way.fromY)
    canvas.lineTo(way.x, way.y)
    canvas.strokeStyle = hopColour(theme, step.hop)
    canvas.stroke()
  }
}

/** Draws the update itself at its current positions. */
export function drawHeads(
  { canvas, px }: Brush,
  steps: Iterable<Step>,
  nodes: Nodes,
  theme: Theme
): void {
  for (const step of steps) {
    const way = wayOf(step, nodes)
    if (way === undefined || step.progress >= 1) continue
    canvas.beginPath()
    canvas.arc(way.x, way.y, 4.5 * px, 0, TURN)
    canvas.fillStyle = hopColour(theme, step.hop)
    canvas.fill()
  }
}

function wayOf(
  { node, from, progress }: Step,
  nodes: Nodes
): { fromX: number; fromY: number; x: number; y: number } | undefined {
  const source = from === undefined ? undefined : nodes.get(from)
  const target = nodes.get(node)
  if (source === undefined || target === undefined || progress <= 0) return undefined
  const { x: fromX = 0, y: fromY = 0 } = source
  const { x: toX = 0, y: toY = 0 } = target
  return { fromX, fromY, x: fromX + (toX - fromX) * progress, y: fromY + (toY - fromY) * progress }
}

function hopColour({ hops }: Theme, hop: number): string {
  return hops[Math.min(hop, hops.length - 1)]!
}

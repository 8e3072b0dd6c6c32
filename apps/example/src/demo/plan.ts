/** The plan of the demo: which node submits which content, determined by the seed before the run. */

import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { createRng } from '@rumormill/protocol/plugin'
import { UsageError } from '../complaints.ts'

/** A planned update. */
export interface Planned {
  /** The number of the node that submits it. */
  readonly origin: number
  /** The line with its place in the file, which makes it unique. */
  readonly content: string
}

export interface PlanOptions {
  readonly file: string
  readonly nodes: number
  /** The number of updates; default: all lines. If it exceeds the lines, they are repeated from the first. */
  readonly updates?: number | undefined
  readonly seed: number
}

export async function makePlan({ file, nodes, updates, seed }: PlanOptions): Promise<Planned[]> {
  const lines = await readLines(file)
  const rng = createRng(seed)
  return Array.from({ length: updates ?? lines.length }, (_, index) => {
    const { number, text } = lines[index % lines.length]!
    const pass = Math.floor(index / lines.length)
    const place = pass === 0 ? `${number}` : `${number} (${pass + 1})`
    return { origin: rng.below(nodes), content: `${basename(file)}:${place}: ${text}` }
  })
}

async function readLines(file: string): Promise<{ number: number; text: string }[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`cannot read --file ${file}: ${(error as Error).message}`)
  }
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ number: index + 1, text: line }))
    .filter((line) => line.text.trim() !== '')
  if (lines.length === 0) throw new UsageError(`--file ${file} has no line`)
  return lines
}

/** One part of the soak, in its own process: prints its progress, and sends the result to its parent. */

import { obeyParent } from '@rumormill/harness/node-process'
import { collectGarbage } from '@rumormill/harness/process-usage'
import { SoakGroup, type SoakPlan, type SoakResult } from './soak-group.ts'

/** The result of one part, with the heap of the process after a garbage collection at each sample. */
export interface PartResult extends SoakResult {
  readonly heapMiB: readonly number[]
  /** The active updates of one node at each sample. */
  readonly active: readonly number[]
  /** The active updates of each node in the end. */
  readonly activeUpdates: readonly number[]
}

const SAMPLES = 24

obeyParent(async (plan: SoakPlan & { name: string }) => {
  const result = await run(plan)
  process.send!(result, () => process.exit(0))
})

async function run({ name, ...plan }: SoakPlan & { name: string }): Promise<PartResult> {
  const group = new SoakGroup(plan)
  await group.start()
  const heapMiB: number[] = []
  const active: number[] = []
  for (let sample = 1; sample <= SAMPLES; sample++) {
    await group.pass(plan.totalMs / SAMPLES)
    collectGarbage()
    heapMiB.push(process.memoryUsage().heapUsed / 2 ** 20)
    active.push(Math.max(...group.activeUpdates))
    const { submitted, left, killed } = group.result
    process.stderr.write(
      `${name}: ${sample} of ${SAMPLES}, ${submitted} updates, ${left} left, ${killed} killed, heap ${heapMiB.at(-1)!.toFixed(0)} MiB\n`
    )
  }
  const { activeUpdates, result } = group
  await group.stop()
  return { ...result, heapMiB, active, activeUpdates }
}

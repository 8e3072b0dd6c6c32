/** Injects a fault into the code of a process while it is loaded; see `module.register` of Node.js. */

import type { InitializeHook, LoadHook } from 'node:module'
import { FAULTS, type Fault } from './faults.ts'

let fault: Fault | undefined

/** Receives the index of the fault in {@link FAULTS}. */
export const initialize: InitializeHook<number> = (index) => {
  fault = FAULTS[index]
}

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context)
  if (fault === undefined || !url.endsWith(fault.module)) return loaded
  const { name, good, bad } = fault
  const text = new TextDecoder().decode(loaded.source as Uint8Array)
  if (text.split(good).length !== 2)
    throw new Error(`the line of the fault '${name}' was not found: ${good}`)
  return { ...loaded, source: text.replace(good, () => bad) }
}

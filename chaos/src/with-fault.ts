/** Imported before all else in a process that is to have a fault, and in those that it forks. */
import { register } from 'node:module'

/** Names the fault, by its place in the list. */
export const FAULT_VARIABLE = 'RUMORMILL_FAULT'

register('./fault-loader.js', import.meta.url, { data: Number(process.env[FAULT_VARIABLE]) })

/** Registers the loader of a fault. Imported before all else in a process with a fault, and in those that it forks. */

import { register } from 'node:module'
import { FAULT_VARIABLE } from './faults.ts'

register('./fault-loader.js', import.meta.url, { data: Number(process.env[FAULT_VARIABLE]) })

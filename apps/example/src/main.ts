#!/usr/bin/env node
/** The command `rumormill`. A signal asks the command under way to end; how it ends is its own business. */
import { createProgram } from './program.ts'
import { describe } from './complaints.ts'

const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort(name))

// Whoever read our output has gone (`npm start | head`): nobody is left to talk to.
process.stdout.on('error', () => stopping.abort('SIGPIPE'))

try {
  await createProgram(stopping.signal, (code) => { process.exitCode = code }).parseAsync()
} catch (error) {
  process.stderr.write(`rumormill: ${describe(error)}\n`)
  process.exitCode = 1
}

#!/usr/bin/env node
/** The command `rumormill`. A signal asks the command under way to end; how it ends is its own business. */

import { describe } from './complaints.ts'
import { createProgram } from './program.ts'

/** For what is under way to end by itself. */
const GRACE_MS = 500

const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => stopping.abort(name))

// Whoever read our output has gone (`npm start | head`): nobody is left to talk to.
process.stdout.on('error', () => stopping.abort('SIGPIPE'))

try {
  await createProgram(stopping.signal, (code) => {
    process.exitCode = code
  }).parseAsync()
} catch (error) {
  process.stderr.write(`rumormill: ${describe(error)}\n`)
  process.exitCode = 1
}

// Reading a file that gives nothing, such as a pipe without a writer, cannot be called off: it alone would hold the process.
if (stopping.signal.aborted) setTimeout(() => process.exit(), GRACE_MS).unref()

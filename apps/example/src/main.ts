#!/usr/bin/env node
/** The command `rumormill`. A signal aborts the running command, which ends by itself. */

import { describe } from './complaints.ts'
import { createProgram } from './program.ts'

/** The time in which the command may end by itself. */
const GRACE_MS = 500

const stopping = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => stopping.abort(name))

// The reader of the output has closed it (`npm start | head`).
process.stdout.on('error', () => stopping.abort('SIGPIPE'))

try {
  await createProgram(stopping.signal, (code) => {
    process.exitCode = code
  }).parseAsync()
} catch (error) {
  process.stderr.write(`rumormill: ${describe(error)}\n`)
  process.exitCode = 1
}

// A read of a file without data, such as a pipe without a writer, cannot be cancelled and would keep the process running.
if (stopping.signal.aborted) setTimeout(() => process.exit(), GRACE_MS).unref()

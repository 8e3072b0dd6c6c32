/** `npm run lab -- NAME`: how what is claimed here is checked, and the errands of those who maintain it. */

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { npm, root } from './tool.mjs'

/** What each is for, the package that it needs built (all of them without), and its command. */
const ERRANDS = {
  bench: {
    about: 'benchmarks, beside what people use instead',
    workspace: 'bench',
    command: ['node', 'lab/bench/dist/main.js']
  },
  chaos: {
    about: 'the acceptance list: what a group survives',
    workspace: 'chaos',
    command: ['node', 'lab/chaos/dist/main.js']
  },
  soak: {
    about: 'two groups with their defaults, for a day and a week of virtual time',
    workspace: 'chaos',
    command: ['node', 'lab/chaos/dist/soak/main.js']
  },
  fuzz: {
    about: 'random and damaged frames at both codecs',
    workspace: 'bench',
    command: ['node', 'lab/bench/dist/fuzz.js']
  },
  interop: {
    about: 'groups with nodes of the Rust crate',
    workspace: 'interop',
    command: ['node', 'lab/interop/dist/main.js']
  },
  maelstrom: {
    about: "Maelstrom's broadcast workload",
    workspace: 'maelstrom',
    command: ['node', 'lab/maelstrom/dist/harness/main.js']
  },
  papers: {
    about: 'the experiments of the papers',
    workspace: 'papers',
    command: ['node', 'lab/papers/dist/main.js']
  },
  installable: {
    about: 'the tarballs, installed in empty projects',
    command: ['node', 'tools/installable.mjs']
  },
  mutate: {
    about: 'mutation testing: what no test would notice',
    command: ['node', 'tools/mutation/main.mjs']
  },
  changeset: {
    about: 'a note for the next release',
    workspace: 'protocol',
    command: ['node', 'node_modules/@changesets/cli/bin.js']
  },
  sbom: {
    about: 'the bill of materials, on stdout',
    workspace: 'protocol',
    command: npm('sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev')
  }
}

const [name, ...args] = process.argv.slice(2)
const errand = Object.hasOwn(ERRANDS, name ?? '') ? ERRANDS[name] : undefined
if (errand === undefined) {
  const isQuestion = name === undefined || name === '--help' || name === '-h'
  if (!isQuestion) console.error(`There is no ${name}.`)
  console.log('Usage: npm run lab -- NAME [OPTION ...]; NAME --help says its options.\n')
  for (const [each, { about }] of Object.entries(ERRANDS)) {
    console.log(`  ${each.padEnd(12)} ${about}`)
  }
  process.exitCode = isQuestion ? 0 : 2
} else {
  const { workspace, command } = errand
  const packages = workspace === undefined ? [] : [`@rumormill/${workspace}`]
  const words = [join(root, 'tools', 'run.mjs'), ...packages, '--', ...command, ...args]
  const child = spawn(process.execPath, words, { stdio: 'inherit' })
  // A terminal sends Ctrl-C to all of them; whoever signals only this process means the errand.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.once('exit', (code) => {
    process.exitCode = code ?? 1
  })
}

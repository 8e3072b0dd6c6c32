/** The command line: three commands, their options and their help. Each command is imported when it runs: help is quick. */

import { fileURLToPath } from 'node:url'
import { Command, Option } from '@commander-js/extra-typings'
import { collect, parseEndpoint, seconds, integer } from './arguments.ts'
import { MAX_NODES, MIN_NODES } from './page/command.ts'
import { CODEC_NAMES, TRANSPORT_NAMES } from './plugin-names.ts'

const README = fileURLToPath(new URL('../../../README.md', import.meta.url))
const PEER_HELP = 'a node of the group, as it says where it listens; may be given several times'
const CHAT_HELP = `
The address before a line is what its author claims. Lines are kept for ten
minutes: who joins within that time gets them too.`
const MAX_SEED = 2 ** 32 - 1

type Exit = (code: number) => void

/** The program. `signal` aborts, with the name of the signal, when it is to end; `exit` is told the exit code. */
export function createProgram(signal: AbortSignal, exit: Exit): Command {
  const program = new Command('rumormill')
    .description(
      'Gossip to try out: a demo, a chat and a one-shot publish. Raw TCP is for trusted networks only; libp2p encrypts.'
    )
    .showHelpAfterError('(--help tells more)')
  addDemo(program, signal, exit)
  addChat(program, signal, exit)
  addPublish(program, signal, exit)
  return program
}

function addDemo(program: Command, signal: AbortSignal, exit: Exit): void {
  program
    .command('demo')
    .description(
      'Starts nodes over real sockets on this machine, feeds them the lines of a file, and counts what arrives.'
    )
    .addOption(
      new Option('--nodes <N>', 'how many nodes')
        .argParser(integer(MIN_NODES, MAX_NODES))
        .default(8)
    )
    .addOption(
      new Option('--file <PATH>', 'the text whose lines are spread').default(
        README,
        "the project's README"
      )
    )
    .addOption(
      new Option(
        '--updates <N>',
        'how many lines to spread, from the start again if need be (default: all)'
      ).argParser(integer(1, 100_000))
    )
    .addOption(
      new Option('--rate <N>', 'updates per second').argParser(integer(1, 10_000)).default(100)
    )
    .addOption(transportOption())
    .addOption(codecOption())
    .option('--processes', 'a process for each node', false)
    .addOption(
      new Option('--seed <N>', 'decides which node submits which line')
        .argParser(integer(0, MAX_SEED))
        .default(1)
    )
    .addOption(timeoutOption(60, 'give up after so many seconds'))
    .option('--json', 'one JSON object a line instead of text; the last one is the summary', false)
    .option('--no-page', 'no live page')
    .addOption(
      new Option('--port <N>', 'where the live page is (default: 7866, or a free one)').argParser(
        integer(0, 65_535)
      )
    )
    .option('--serve', 'keep serving the live page after the summary, as on a terminal', false)
    .addOption(
      new Option('--once', 'end after the summary, also on a terminal')
        .default(false)
        .conflicts('serve')
    )
    .addHelpText(
      'after',
      '\nExits with 0 only if every update reached every other node, once, or when nobody reads the output any more.'
    )
    .action(async (options) => {
      const { runDemo } = await import('./demo/demo.ts')
      exit(await runDemo({ ...options, preset: 'local' }, signal))
    })
}

function addChat(program: Command, signal: AbortSignal, exit: Exit): void {
  program
    .command('chat')
    .description(
      'Joins a group; spreads the lines you type or pipe in, prints the lines of others.'
    )
    .addOption(listenOption())
    .addOption(advertiseOption())
    .addOption(peerOption())
    .addOption(transportOption())
    .addOption(keyFileOption())
    .addOption(codecOption())
    .addOption(networkOption())
    .option(
      '--state <DIR>',
      'a folder that keeps lines and peers, so that a restart neither forgets nor repeats'
    )
    .addOption(
      new Option('--metrics <PORT>', 'serve figures for Prometheus on 127.0.0.1:PORT').argParser(
        integer(0, 65_535)
      )
    )
    .option(
      '--exit-on-end',
      'leave when the input ends and its lines have spread; else stay until Ctrl-C',
      false
    )
    .addHelpText('after', CHAT_HELP)
    .action(async (options) => {
      const { runChat } = await import('./chat/chat.ts')
      exit(await runChat(options, signal))
    })
}

function addPublish(program: Command, signal: AbortSignal, exit: Exit): void {
  program
    .command('publish')
    .description('Joins a group, spreads the bytes of one file, prints their digest, and leaves.')
    .argument('<file>', 'the file, or - for the standard input')
    .addOption(listenOption())
    .addOption(advertiseOption())
    .addOption(new Option('--peer <ADDRESS>', PEER_HELP).argParser(collect).makeOptionMandatory())
    .addOption(transportOption())
    .addOption(keyFileOption())
    .addOption(codecOption())
    .addOption(networkOption())
    .addOption(
      new Option(
        '--min-peers <N>',
        'how many peers must fetch it from here; others may have it from them'
      )
        .argParser(integer(1, 100))
        .default(1)
    )
    .addOption(timeoutOption(10, 'give up after so many seconds'))
    .action(async (file, options) => {
      const { runPublish } = await import('./publish/publish.ts')
      exit(await runPublish(file, options, signal))
    })
}

function listenOption() {
  return new Option('--listen <HOST:PORT>', 'where to listen; port 0 is any free one')
    .argParser(parseEndpoint)
    .default({ host: '127.0.0.1', port: 0 }, '127.0.0.1:0')
}

function advertiseOption() {
  return new Option(
    '--advertise <HOST:PORT>',
    'what others dial, when that is not where this node listens'
  )
}

function peerOption() {
  return new Option('--peer <ADDRESS>', PEER_HELP)
    .argParser(collect)
    .default([] as readonly string[], 'none')
}

function transportOption() {
  return new Option('--transport <NAME>', 'how bytes are moved')
    .choices(TRANSPORT_NAMES)
    .default('tcp' as const)
}

function keyFileOption() {
  return new Option('--key-file <PATH>', 'keeps the key, and so the id, of a libp2p node')
}

function codecOption() {
  return new Option('--codec <NAME>', 'how messages are written')
    .choices(CODEC_NAMES)
    .default('binary' as const)
}

function networkOption() {
  return new Option('--network <NAME>', 'the name of the group').default('default')
}

function timeoutOption(defaultSeconds: number, text: string) {
  return new Option('--timeout <SECONDS>', text)
    .argParser(seconds)
    .default(defaultSeconds * 1000, String(defaultSeconds))
}

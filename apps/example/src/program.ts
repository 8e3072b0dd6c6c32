/** The command line: three commands with options and help. Each command is imported when it runs, so that help is fast. */

import { fileURLToPath } from 'node:url'
import { Command, Option } from '@commander-js/extra-typings'
import { collect, parseEndpoint, seconds, integer } from './arguments.ts'
import { MAX_NODES, MIN_NODES } from './page/command.ts'
import { CODEC_NAMES, TRANSPORT_NAMES } from './plugin-names.ts'

const README = fileURLToPath(new URL('../../../README.md', import.meta.url))
const PEER_HELP = 'the address of a node of the group; may be given several times'
const CHAT_HELP = `
The address before a line is what its author claims. Lines are kept for ten
minutes: who joins within that time gets them too.`
const MAX_SEED = 2 ** 32 - 1

type Exit = (code: number) => void

/** Creates the program. `signal` aborts with the name of a signal to end it; `exit` is called with the exit code. */
export function createProgram(signal: AbortSignal, exit: Exit): Command {
  const program = new Command('rumormill')
    .description(
      'Programs that show gossip: a demo, a chat and a one-shot publish. Raw TCP is for trusted networks only; libp2p encrypts.'
    )
    .showHelpAfterError('(--help shows all options)')
  addDemo(program, signal, exit)
  addChat(program, signal, exit)
  addPublish(program, signal, exit)
  return program
}

function addDemo(program: Command, signal: AbortSignal, exit: Exit): void {
  program
    .command('demo')
    .description(
      'Starts nodes over real sockets on this machine, submits the lines of a file, and counts the deliveries.'
    )
    .addOption(
      new Option('--nodes <N>', 'number of nodes')
        .argParser(integer(MIN_NODES, MAX_NODES))
        .default(8)
    )
    .addOption(
      new Option('--file <PATH>', 'file whose lines are submitted').default(
        README,
        "the project's README"
      )
    )
    .addOption(
      new Option(
        '--updates <N>',
        'number of lines to submit, repeating the file if necessary (default: all)'
      ).argParser(integer(1, 100_000))
    )
    .addOption(
      new Option('--rate <N>', 'updates per second').argParser(integer(1, 10_000)).default(100)
    )
    .addOption(transportOption())
    .addOption(codecOption())
    .option('--processes', 'run each node in its own process', false)
    .addOption(
      new Option('--seed <N>', 'seed that determines which node submits which line')
        .argParser(integer(0, MAX_SEED))
        .default(1)
    )
    .addOption(timeoutOption(60, 'time limit in seconds'))
    .option('--json', 'print JSON, one object a line, the last one the summary', false)
    .option('--no-page', 'no live page')
    .addOption(
      new Option('--port <N>', 'port of the live page (default: 7866, or a free one)').argParser(
        integer(0, 65_535)
      )
    )
    .option('--serve', 'keep serving the page after the summary, as on a terminal', false)
    .addOption(
      new Option('--once', 'exit after the summary, also on a terminal')
        .default(false)
        .conflicts('serve')
    )
    .addHelpText(
      'after',
      '\nThe exit code is 0 only if every update reached every other node exactly once, or if the reader of the output closed it.'
    )
    .action(async (options) => {
      const { runDemo } = await import('./demo.ts')
      exit(await runDemo({ ...options, preset: 'local' }, signal))
    })
}

function addChat(program: Command, signal: AbortSignal, exit: Exit): void {
  program
    .command('chat')
    .description(
      'Joins a group, submits the lines you type or pipe in, and prints the lines of others.'
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
      'folder that stores lines and peers, so that none is lost or repeated after a restart'
    )
    .addOption(
      new Option('--metrics <PORT>', 'serve metrics for Prometheus on 127.0.0.1:PORT').argParser(
        integer(0, 65_535)
      )
    )
    .option(
      '--exit-on-end',
      'exit when the input ends and its lines were fetched by peers; otherwise run until Ctrl-C',
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
    .description('Joins a group, publishes the bytes of one file, prints their digest, and exits.')
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
        'number of peers that must fetch it from this node; others may get it from them'
      )
        .argParser(integer(1, 100))
        .default(1)
    )
    .addOption(timeoutOption(10, 'time limit in seconds'))
    .action(async (file, options) => {
      const { runPublish } = await import('./publish/publish.ts')
      exit(await runPublish(file, options, signal))
    })
}

function listenOption() {
  return new Option('--listen <HOST:PORT>', 'address to listen on; port 0 is any free one')
    .argParser(parseEndpoint)
    .default({ host: '127.0.0.1', port: 0 }, '127.0.0.1:0')
}

function advertiseOption() {
  return new Option(
    '--advertise <HOST:PORT>',
    'address that peers dial, if it differs from --listen'
  )
}

function peerOption() {
  return new Option('--peer <ADDRESS>', PEER_HELP)
    .argParser(collect)
    .default([] as readonly string[], 'none')
}

function transportOption() {
  return new Option('--transport <NAME>', 'transport plugin')
    .choices(TRANSPORT_NAMES)
    .default('tcp' as const)
}

function keyFileOption() {
  return new Option(
    '--key-file <PATH>',
    'file with the key of a libp2p node, which determines its id'
  )
}

function codecOption() {
  return new Option('--codec <NAME>', 'codec plugin')
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

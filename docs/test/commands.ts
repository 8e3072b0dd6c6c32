/** Whether the commands that pages show can be run: scripts, programs, their options, and the names given to them. */

import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { read, root } from './pages.ts'

const { scripts } = JSON.parse(read('package.json')) as {
  scripts: Readonly<Record<string, string>>
}

/** What is wrong with a command of this repository, or with the files named by one of another's. */
export async function faultsOfCommand(line: string): Promise<string[]> {
  const [command = '', ...words] = line.replace(/^([A-Z]+=\S+ )+/, '').split(/ +/)
  switch (command) {
    case 'npm':
      return faultsOfScript(words.filter((word) => word !== 'run' && word !== '-s'))
    case 'npx':
      return [...missingTool(words[0]!), ...missingFiles(words)]
    case 'node':
      return [...missingFiles(words), ...unknownInSource(words)]
    default:
      return missingFiles(words)
  }
}

async function faultsOfScript([script = '', ...given]: readonly string[]): Promise<string[]> {
  if (!Object.hasOwn(scripts, script)) return [`there is no script ${script}`]
  const words = given.filter((word) => word !== '--')
  if (words.length === 0) return []
  if (script === 'example') return namesAmong(words.slice(0, 1), examples())
  const program = scripts[script]!.split(/(?: -- |^)node /).at(-1)!
  if (script !== 'lab') return faultsOfWords(script, words, program)
  const [errand = '', ...rest] = words
  const unknown = namesAmong([errand], errands())
  if (unknown.length > 0 || rest.length === 0) return unknown
  return faultsOfWords(errand, rest, `${program} ${errand}`)
}

async function faultsOfWords(
  script: string,
  words: readonly string[],
  program: string
): Promise<string[]> {
  const help = await helpOf(program)
  const { switches, names } = takenApart(words, help)
  return [
    ...switches.flatMap(({ name, value }) => faultsOfSwitch(name, value, help)),
    ...faultsOfNames(script, names, help)
  ]
}

interface Words {
  readonly switches: readonly { readonly name: string; readonly value: string | undefined }[]
  readonly names: readonly string[]
}

/** Options with their values, and what remains. */
function takenApart(words: readonly string[], help: string): Words {
  const switches: { name: string; value: string | undefined }[] = []
  const names: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    if (!word.startsWith('--')) names.push(word)
    else if (word.includes('='))
      switches.push({ name: word.split('=')[0]!, value: word.split('=')[1] })
    else if (help.includes(`${word} <`)) switches.push({ name: word, value: words[++at] })
    else switches.push({ name: word, value: undefined })
  }
  return { switches, names }
}

function faultsOfSwitch(name: string, value: string | undefined, help: string): string[] {
  const [, about] = new RegExp(`${name}\\b((?: <\\S+>)?(?: (?!--|-h,)\\S+)*)`).exec(help) ?? []
  if (about === undefined) return [`there is no option ${name}`]
  if (name === '--row' && !read('docs/chaos.md').includes(`\n| ${value} |`))
    return [`there is no row ${value}`]
  const choices = choicesIn(about)
  return value === undefined || choices === undefined ? [] : namesAmong([value], choices)
}

function faultsOfNames(script: string, names: readonly string[], help: string): string[] {
  if (names.length === 0) return []
  const [, argument] = /Arguments: (.*?) Options:/.exec(help) ?? []
  if (argument === undefined) return [`${script} takes no ${names.join(' ')}`]
  const choices = choicesIn(argument)
  return choices === undefined ? [] : namesAmong(names, choices)
}

/** Of "(choices: "a", "b")", or of "only these: a, b". */
function choicesIn(about: string): string[] | undefined {
  const [, quoted] = /\(choices: ((?:"[^"]+"(?:, )?)+)/.exec(about) ?? []
  if (quoted !== undefined) return [...quoted.matchAll(/"([^"]+)"/g)].map(([, name]) => name!)
  const [, plain] = /only these: ((?:\w+(?:, )?)+)/.exec(about) ?? []
  return plain?.split(', ')
}

/** Names in capitals stand for one of the reader's choice. */
function namesAmong(names: readonly string[], choices: readonly string[]): string[] {
  return names
    .filter((name) => !/^[A-Z]+$/.test(name) && !choices.includes(name))
    .map((name) => `${name} is none of ${choices.join(', ')}`)
}

function errands(): string[] {
  return [...read('tools/lab.mjs').matchAll(/^ {2}(\w+): \{$/gm)].map(([, name]) => name!)
}

function examples(): string[] {
  return readdirSync(join(root, 'examples/src'))
    .map((file) => file.replace(/\.ts$/, ''))
    .filter((name) => name !== 'main')
}

const helps = new Map<string, Promise<string>>()

/** What the built program says of itself, in one line. */
function helpOf(program: string): Promise<string> {
  let help = helps.get(program)
  if (help === undefined) {
    const asked = promisify(execFile)(process.execPath, [...program.split(' '), '--help'], {
      cwd: root
    })
    help = asked.then(({ stdout }) => stdout.replaceAll(/\s+/g, ' '))
    helps.set(program, help)
  }
  return help
}

function missingTool(name: string): string[] {
  return existsSync(join(root, 'node_modules', '.bin', name)) ? [] : [`there is no tool ${name}`]
}

/** Of built files, whether there is a source. */
function missingFiles(words: readonly string[]): string[] {
  return words
    .filter((word) => word.includes('/') && !word.includes(':'))
    .map((path) => sourceOf(path))
    .filter((path) => !existsSync(join(root, path)))
    .map((path) => `there is no file ${path}`)
}

/** Benchmarks have no help: their options stand in their source. */
function unknownInSource([program = '', ...words]: readonly string[]): string[] {
  if (!program.includes('/dist/')) return []
  const source = read(sourceOf(program))
  return words
    .filter((word) => word.startsWith('--'))
    .filter((word) => !new RegExp(`['\\s]${word.slice(2)}'?: \\{`).test(source))
    .map((word) => `${program} has no option ${word}`)
}

function sourceOf(path: string): string {
  return path.includes('/dist/') ? path.replace('/dist/', '/src/').replace(/js$/, 'ts') : path
}

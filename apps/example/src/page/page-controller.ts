/** Connects the open pages to the current run: sends them its events, and executes their commands. */

import type { Command, GroupState, RunSettings } from '@rumormill/page'
import { describe } from '../complaints.ts'
import { withDeadline } from '../deadline.ts'
import type { GroupListener } from '../demo/group.ts'
import { makePlan, type Planned, type PlanOptions } from '../demo/plan.ts'
import { Run, type RunOptions } from '../demo/run.ts'
import { Audience, type Viewer } from './audience.ts'
import { Chronicle } from './chronicle.ts'
import { Redundancy } from './redundancy.ts'
import { nodeState, progressOf } from './state.ts'

/** The options that all runs of a demo share. */
export interface PageControllerOptions
  extends Omit<RunOptions, keyof RunSettings>, Omit<PlanOptions, 'nodes'> {
  /** The time limit of a run, in milliseconds; its group goes on. */
  readonly timeout: number
  /** Is called with messages about runs that the page has started. */
  note(text: string): void
}

/** A command that cannot be executed now. */
export class NotNow extends Error {
  override readonly name = 'NotNow'
}

const TICK_MS = 100
/** The ticks between two states. For large groups, whose states have about 100 kB, it is doubled. */
const STATE_TICKS = 5
const CROWD = 100

export class PageController {
  readonly audience: Audience = new Audience()
  readonly #options: PageControllerOptions
  readonly #closing = new AbortController()
  #run: Run | undefined
  #chronicle = new Chronicle(0)
  #redundancy = new Redundancy(0)
  #runs = 0
  #changing = false
  #submissions = 0
  #ticker: NodeJS.Timeout | undefined
  #ticks = 0

  constructor(options: PageControllerOptions) {
    this.#options = options
  }

  /** Creates a run that the pages show from now on. The caller must feed and stop it. */
  present(options: RunOptions, plan: readonly Planned[], listener: GroupListener): Run {
    const chronicle = new Chronicle(++this.#runs)
    const run = new Run(options, plan, listener, chronicle.listener(), this.#reporter())
    chronicle.belongsTo(run.group)
    this.#chronicle = chronicle
    this.#redundancy = new Redundancy(performance.now())
    this.#run = run
    this.#look()
    // Also runs without a page, because one that opens later shows the past.
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS).unref()
    return run
  }

  /** Adds a page, which gets the current state and then all events. Returns undefined when there are too many. */
  join(): Viewer | undefined {
    // Events from before the first page are sent as the past.
    if (this.audience.size === 0) this.#chronicle.forgetNews()
    const viewer = this.audience.join()
    if (viewer === undefined) return undefined
    const { times, spread } = this.#chronicle.past
    this.#look()
    viewer.push({ event: 'state', data: JSON.stringify(this.#state()) })
    viewer.push({ event: 'times', data: JSON.stringify({ run: this.#runs, times }) })
    viewer.push({
      event: 'redundancy',
      data: JSON.stringify({ run: this.#runs, points: this.#redundancy.points })
    })
    if (spread !== undefined) viewer.push({ event: 'spread', data: JSON.stringify(spread) })
    return viewer
  }

  /** Executes a command of a page. Rejects with {@link NotNow} when that is not possible. */
  async obey(command: Command): Promise<void> {
    const { group } = this.#present()
    if ('node' in command && group.seats[command.node] === undefined)
      throw new NotNow(`there is no node ${command.node}`)
    switch (command.kind) {
      case 'submit':
        return this.#submit(command.node, command.text)
      case 'kill':
        if (!(await group.kill(command.node))) throw new NotNow(`node ${command.node} is not up`)
        return
      case 'restart':
        if (!(await group.restart(command.node)))
          throw new NotNow(`node ${command.node} is not down`)
        return
      case 'partition':
        if (command.nodes.some((node) => group.seats[node] === undefined))
          throw new NotNow('there is no such node')
        if (command.nodes.length >= group.seats.length)
          throw new NotNow('a partition needs nodes on both sides')
        return group.partition(command.nodes)
      case 'heal':
        return group.heal()
      case 'run':
        return this.#begin(command)
    }
  }

  /** Stops the current run, and disconnects all pages. */
  async close(): Promise<void> {
    this.#closing.abort('closed')
    clearInterval(this.#ticker)
    this.audience.close()
    await this.#run?.stop()
  }

  #present(): Run {
    if (this.#run === undefined || this.#changing)
      throw new NotNow('the next run is being prepared')
    return this.#run
  }

  #submit(node: number, text: string): void {
    const { group } = this.#present()
    if (group.seats[node]!.status !== 'up') throw new NotNow(`node ${node} is not up`)
    // The number makes equal texts different updates.
    const content = `page ${++this.#submissions}: ${text}`
    this.#chronicle.follow(content)
    group.submit(node, content)
  }

  async #begin(settings: RunSettings & { readonly kind: 'run' }): Promise<void> {
    const before = this.#present()
    if (this.#runs === 1 && before.summary === undefined)
      throw new NotNow('the run of the command line has not finished')
    this.#changing = true
    try {
      const plan = await makePlan({ ...this.#options, nodes: settings.nodes })
      await before.stop()
      if (this.#closing.signal.aborted) return
      const run = this.present({ ...this.#options, ...settings } as RunOptions, plan, noListener())
      void this.#feed(run)
    } finally {
      this.#changing = false
    }
  }

  async #feed(run: Run): Promise<void> {
    const ending = withDeadline(this.#closing.signal, this.#options.timeout)
    try {
      await run.feed(ending)
    } catch (error) {
      if (run !== this.#run || this.#closing.signal.aborted) return
      this.#say(ending.aborted ? 'time is up (--timeout)' : `the run failed: ${describe(error)}`)
    }
  }

  #reporter(): GroupListener {
    return {
      ...noListener(),
      failed: ({ number }, reason) => this.audience.tell('notice', `node ${number}: ${reason}`),
      ended: ({ number }, reason) => this.audience.tell('notice', `node ${number}: ${reason}`)
    }
  }

  #say(text: string): void {
    this.audience.tell('notice', text)
    this.#options.note(text)
  }

  #tick(): void {
    if (this.audience.size > 0) this.#tellSpreads()
    const crowd = (this.#run?.options.nodes ?? 0) > CROWD
    if (++this.#ticks % (crowd ? 2 * STATE_TICKS : STATE_TICKS) !== 0) return
    this.#look()
    const point = this.#redundancy.sample(this.#run?.group.seats ?? [], performance.now())
    if (this.audience.size === 0) return
    this.audience.tell('state', this.#state())
    if (point !== undefined) this.audience.tell('redundancy', { run: this.#runs, points: [point] })
  }

  #tellSpreads(): void {
    for (const spread of this.#chronicle.takeSpreads()) this.audience.tell('spread', spread)
    const times = this.#chronicle.takeTimes()
    if (times.length > 0) this.audience.tell('times', { run: this.#runs, times })
  }

  /** Requests the figures of all nodes. Nodes in their own processes answer later, in time for the next state. */
  #look(): void {
    this.#run?.group.look()
  }

  #state(): GroupState | null {
    const run = this.#run
    if (run === undefined) return null
    const { nodes, transport, codec, preset } = run.options
    return {
      run: this.#runs,
      feeding: run.summary === undefined,
      settings: { nodes, transport, codec, preset },
      progress: progressOf(run),
      side: [...run.group.side],
      nodes: run.group.seats.map((seat) => nodeState(seat, run.group))
    }
  }
}

function noListener(): GroupListener {
  return {
    connected: () => {},
    submitted: () => {},
    delivered: () => {},
    failed: () => {},
    ended: () => {}
  }
}

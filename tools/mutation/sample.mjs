/** A checker plugin for Stryker, which lets only a sample of the mutants be run: lines hold more mutants than were drawn. */

import { CheckStatus } from '@stryker-mutator/api/check'
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import { keyOf } from './mutants.mjs'

export const NOT_SAMPLED = 'not in the sample'

class Sample {
  static inject = tokens(commonTokens.options)
  #keys

  constructor({ sample }) {
    this.#keys = new Set(sample)
  }

  async init() {}

  async check(mutants) {
    return Object.fromEntries(mutants.map((mutant) => [mutant.id, this.#resultOf(mutant)]))
  }

  #resultOf(mutant) {
    return this.#keys.has(keyOf(mutant))
      ? { status: CheckStatus.Passed }
      : { status: CheckStatus.CompileError, reason: NOT_SAMPLED }
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, 'sample', Sample)]

/** A reporter plugin for Stryker: prints each mutant that no test noticed as soon as that is known. */

import { relative } from 'node:path'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import { root } from '../tool.mjs'

/** The statuses that count as noticed. */
const NOTICED = ['Killed', 'Timeout']

const UNNOTICED = ['Survived', 'NoCoverage']

/** Returns how many of `mutants` were noticed, and how many were not. */
export function countNoticed(mutants) {
  const count = (statuses) => mutants.filter(({ status }) => statuses.includes(status)).length
  return { noticed: count(NOTICED), unnoticed: count(UNNOTICED) }
}

class Survivors {
  onMutantTested(mutant) {
    if (UNNOTICED.includes(mutant.status)) console.log(describe(mutant))
  }
}

function describe({ status, fileName, location: { start }, mutatorName, replacement }) {
  const place = `${relative(root, fileName)}:${start.line}:${start.column}`
  return `${status}  ${place} ${mutatorName}: ${replacement.replaceAll(/\s+/g, ' ').slice(0, 120)}`
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Reporter, 'survivors', Survivors)]

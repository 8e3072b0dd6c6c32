import type { DisseminationConfig } from '../../src/engine/engine-options.ts'
import { PRESETS, type Preset } from '../../src/options/presets.ts'

/** What the parts of dissemination read, as the preset has it. */
export function disseminationOf(preset: Preset): DisseminationConfig {
  const { store, fetch, antiEntropy } = PRESETS[preset]
  return { ...store, ...fetch, ...antiEntropy }
}

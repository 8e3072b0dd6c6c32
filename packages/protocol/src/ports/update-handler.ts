/** The port to the application: what to do with an update from another node. */

import type { Update } from '../update.ts'

export interface UpdateHandler {
  /**
   * Called once for each update that this node accepted from others and remembers, in the order of acceptance, never
   * for its own submissions. May be async: the next call waits for it, up to `delivery.timeoutMs`. May throw or reject:
   * that is observed as HANDLER_FAILED and the update counts as delivered. May call `submit`.
   */
  onUpdate(update: Update): void | Promise<void>
}

/** The port to the application: takes updates from other nodes. */

import type { Update } from '../model/update.ts'

export interface UpdateHandler {
  /**
   * Called once for each update that this node accepted from other nodes, as long as it keeps the digest, in the order of
   * acceptance; never for its own submissions. May be async: the next call waits for it, up to `delivery.timeoutMs`. May
   * throw or reject: that is reported as HANDLER_FAILED, and the update counts as delivered. May call `submit`.
   */
  onUpdate(update: Update): void | Promise<void>
}

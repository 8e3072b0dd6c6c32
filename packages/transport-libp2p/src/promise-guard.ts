/**
 * libp2p 3 calls `Promise.withResolvers`, which Node 20 lacks; without it every handshake fails with a bare ECONNRESET.
 * Called at run time only, so it may stand in for the missing one from here, wherever libp2p was imported.
 */
interface Resolvers<T> {
  promise: Promise<T>
  resolve: (value: T | PromiseLike<T>) => void
  reject: (reason?: unknown) => void
}

const promises = Promise as unknown as { withResolvers?: <T>() => Resolvers<T> }

/** Stands in for what is missing, once. */
function guardPromises(): void {
  promises.withResolvers ??= function withResolvers<T>(): Resolvers<T> {
    const resolvers = {} as Resolvers<T>
    resolvers.promise = new Promise<T>((resolve, reject) =>
      Object.assign(resolvers, { resolve, reject })
    )
    return resolvers
  }
}

guardPromises()

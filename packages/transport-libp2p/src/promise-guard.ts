/**
 * A polyfill of `Promise.withResolvers` for libp2p 3, which Node 20 lacks; without it every handshake fails with a bare
 * ECONNRESET. libp2p calls it at run time only, so the order of imports does not matter.
 */
interface Resolvers<T> {
  promise: Promise<T>
  resolve: (value: T | PromiseLike<T>) => void
  reject: (reason?: unknown) => void
}

const promises = Promise as unknown as { withResolvers?: <T>() => Resolvers<T> }

/** Installs the polyfill if it is missing. */
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

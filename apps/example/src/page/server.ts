/** The web server of the page: on this machine only, for its own page only. */

import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createAdaptorServer } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import type { Refusal } from '@rumormill/page'
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { secureHeaders } from 'hono/secure-headers'
import { streamSSE } from 'hono/streaming'
import { describe } from '../complaints.ts'
import { parseCommand } from './command.ts'
import { NotNow, type Stage } from './stage.ts'

export interface PageServer {
  /** Where the page is: `http://127.0.0.1:PORT`. */
  readonly url: string
  close(): Promise<void>
}

export interface PageServerOptions {
  /** The folder of the built page, as a URL. */
  readonly site: URL
  /** 0 is any free one. */
  readonly port: number
  /** Whether another free port will do when this one is taken. */
  readonly flexible: boolean
}

const HOST = '127.0.0.1'
const MAX_BODY_BYTES = 8192

/** Starts to serve. Rejects when the port is taken, and no other will do. */
export async function servePage(
  stage: Stage,
  { site, port, flexible }: PageServerOptions
): Promise<PageServer> {
  const server = createAdaptorServer({
    fetch: createApp(stage, site).fetch,
    overrideGlobalObjects: false
  }) as Server
  try {
    await listen(server, port)
  } catch (error) {
    if (!flexible || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    await listen(server, 0)
  }
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    }
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, HOST)
  await once(server, 'listening')
}

function createApp(stage: Stage, site: URL): Hono {
  const app = new Hono()
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"]
      },
      strictTransportSecurity: false
    })
  )
  app.use(onlyThisMachine, onceEach)
  app.get('/events', onlyThisPage, (context) => tellNews(context, stage))
  app.post(
    '/command',
    onlyThisPage,
    bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }),
    (context) => {
      return obey(context, stage)
    }
  )
  app.use(serveStatic({ root: fileURLToPath(site) }))
  return app
}

/** A name that someone else's name server made point here must not get in (DNS rebinding). */
const onlyThisMachine = createMiddleware(async (context, next) => {
  const name = context.req.header('host')?.replace(/:\d+$/, '')
  if (name !== HOST && name !== 'localhost')
    return refuse(context, 403, 'FOREIGN', 'this page is for this machine only')
  await next()
})

/** A busy server may close a connection that has been idle just when the browser sends a command over it: none is kept. */
const onceEach = createMiddleware(async (context, next) => {
  await next()
  context.header('connection', 'close')
})

/** Other pages in the same browser may neither watch nor command (CSRF). Browsers name the origin of every POST. */
const onlyThisPage = createMiddleware(async (context, next) => {
  const { origin, host, 'sec-fetch-site': site } = context.req.header()
  const own = origin === undefined ? context.req.method === 'GET' : origin === `http://${host}`
  if (!own || (site !== undefined && site !== 'same-origin' && site !== 'none')) {
    return refuse(context, 403, 'FOREIGN', 'this is for its own page only')
  }
  await next()
})

async function obey(context: Context, stage: Stage): Promise<Response> {
  const command = parseCommand(await context.req.json().catch(() => undefined))
  if (command === undefined) return refuse(context, 400, 'BAD_COMMAND', 'this is no command')
  try {
    await stage.obey(command)
    return context.json({ ok: true })
  } catch (error) {
    if (error instanceof NotNow) return refuse(context, 409, 'NOT_NOW', error.message)
    return refuse(context, 500, 'FAILED', describe(error))
  }
}

function tellNews(context: Context, stage: Stage): Response {
  const viewer = stage.join()
  if (viewer === undefined) return refuse(context, 503, 'NOT_NOW', 'too many pages are open')
  return streamSSE(context, async (stream) => {
    stream.onAbort(() => stage.audience.leave(viewer))
    try {
      for (let news = await viewer.next(); news !== undefined; news = await viewer.next())
        await stream.writeSSE(news)
    } finally {
      stage.audience.leave(viewer)
    }
  })
}

function tooLarge(context: Context): Response {
  return refuse(context, 413, 'TOO_LARGE', `a command has at most ${MAX_BODY_BYTES} bytes`)
}

function refuse(
  context: Context,
  status: 400 | 403 | 409 | 413 | 500 | 503,
  code: Refusal['code'],
  message: string
): Response {
  return context.json({ code, message } satisfies Refusal, status)
}

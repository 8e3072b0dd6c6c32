/** The body of a Maelstrom message. */
export interface Body {
  readonly type: string
  readonly msg_id?: number
  readonly in_reply_to?: number
  readonly [field: string]: unknown
}

export interface Envelope {
  readonly src: string
  readonly dest: string
  readonly body: Body
}

/** Parses the envelope on a line; `undefined` when it is none. */
export function parseEnvelope(line: string): Envelope | undefined {
  try {
    const value = JSON.parse(line) as Envelope | null
    const isEnvelope =
      typeof value?.src === 'string' &&
      typeof value.dest === 'string' &&
      typeof value.body?.type === 'string'
    return isEnvelope ? value : undefined
  } catch {
    return undefined
  }
}

/** Checks options and collects all errors. Each error names the option and its valid values. */

/**
 * Returns what is wrong with a value, as the end of a sentence after the option's name, or starting with a dot and the name of
 * a part of it; `undefined` when the value is valid.
 */
export type Check = (value: unknown) => string | undefined

export const flag: Check = (value) =>
  typeof value === 'boolean' ? undefined : 'must be true or false'

export function whole(min: number, max: number): Check {
  return (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `must be an integer from ${min} to ${max}`
}

/** Checks for an integer that is at least the default, because correct peers may send that much. */
export function raised(max: number): (value: unknown, standard: unknown) => string | undefined {
  const isWhole = whole(1, max)
  return (value, standard) =>
    isWhole(value) ??
    ((value as number) < (standard as number)
      ? `must be at least ${String(standard)}: correct peers send as much`
      : undefined)
}

/** Checks for an integer or Infinity. */
export function wholeOrInfinity(min: number, max: number): Check {
  return (value) =>
    value === Infinity
      ? undefined
      : whole(min, max)(value) && `${whole(min, max)(value)}, or Infinity`
}

export function range(min: number, max: number): Check {
  return (value) =>
    typeof value === 'number' && value >= min && value <= max
      ? undefined
      : `must be a number from ${min} to ${max}`
}

export function oneOf(...choices: readonly string[]): Check {
  return (value) =>
    choices.includes(value as string) ? undefined : `must be one of ${choices.join(', ')}`
}

/** Checks as `check` does, and allows an absent value. */
export function orAbsent(check: Check): Check {
  return (value) => (value === undefined ? undefined : check(value))
}

/** Checks for an object that has functions of these names. */
export function withMethods(...names: readonly string[]): Check {
  return (value) =>
    isRecord(value) && names.every((name) => typeof value[name] === 'function')
      ? undefined
      : `must be an object with ${names.map((name) => `${name}()`).join(', ')}`
}

export const callable: Check = (value) =>
  typeof value === 'function' ? undefined : 'must be a function'

/**
 * Checks the properties that `value` has (with `all`, all properties of `checks`), and that it has no others, so that a
 * misspelt option is an error. Returns the errors.
 */
export function checkEach(
  path: string,
  value: unknown,
  checks: Readonly<Record<string, Check>>,
  all: boolean
): string[] {
  if (!isRecord(value)) return [`${path} must be an object`]
  const name = (key: string): string => (path === '' ? key : `${path}.${key}`)
  const unknown = Object.keys(value).filter((key) => !Object.hasOwn(checks, key))
  const reasons = unknown.map(
    (key) => `${name(key)} is not an option (there are ${Object.keys(checks).join(', ')})`
  )
  for (const [key, check] of Object.entries(checks)) {
    if (value[key] === undefined && !all) continue
    const reason = check(value[key])
    if (reason !== undefined)
      reasons.push(reason.startsWith('.') ? name(key) + reason : `${name(key)} ${reason}`)
  }
  return reasons
}

/**
 * Returns the options of a plugin: `given` over `defaults`. Calls `check` with each given value and its default, and adds
 * errors to `reasons`. An undefined value means the default.
 */
export function completeOptions<T extends object>(
  path: string,
  given: Partial<T> | undefined,
  defaults: T,
  check: (value: unknown, standard: unknown) => string | undefined,
  reasons: string[]
): T {
  const checks = Object.fromEntries(
    Object.entries(defaults).map(([name, standard]): [string, Check] => [
      name,
      (value) => check(value, standard)
    ])
  )
  reasons.push(...checkEach(path, given ?? {}, checks, false))
  return { ...defaults, ...defined(given ?? {}) }
}

/** Returns a copy without the properties whose value is undefined. */
export function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

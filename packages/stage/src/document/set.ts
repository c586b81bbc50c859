/** Sets one parameter deep inside the parameters of a step: what a sweep and `--set` do. */

type Values = { readonly [name: string]: unknown }

const isRecord = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A copy of `values` with the value at `path` replaced; undefined where the path leads through something else. */
export const setAt = (values: Values, path: ReadonlyArray<string>, value: unknown): Values | undefined => {
  const [first, ...rest] = path
  if (first === undefined || first === "__proto__") return undefined
  if (rest.length === 0) return { ...values, [first]: value }
  const below = values[first] ?? {}
  // `loss: kd` is `loss: { kd: {} }` with nothing said: a path may go on through a bare name.
  const open = typeof below === "string" && below === rest[0] ? { [below]: {} } : below
  const set = isRecord(open) ? setAt(open, rest, value) : undefined
  return set && { ...values, [first]: set }
}

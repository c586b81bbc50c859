/** JSON with one spelling for equal values. */

const sorted = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** JSON without spaces and with sorted keys, so that equal values have equal text. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, sorted)

/** The key of a result: everything it may depend on, and nothing else. */
import { createHash } from "node:crypto"

/** What a key is made of. Kept with the result, so that a plan can say what changed. */
export interface KeyParts {
  readonly stage: string
  /** Digest of the stage's module and of what it imports. */
  readonly code: string
  /** As a document would spell them, with all defaults. */
  readonly parameters: unknown
  /** Code digests of the named values among the parameters. */
  readonly named: { readonly [name: string]: string }
  /** Root digests of the tables, by port. */
  readonly inputs: { readonly [port: string]: ReadonlyArray<string> }
  /** Digests of the declared files. */
  readonly sources: { readonly [name: string]: string }
  /** What draws are keyed by; absent where the stage draws nothing. */
  readonly draws?: { readonly seed: number; readonly stream: string }
  /** The numerics class. */
  readonly numerics: string
}

/** JSON with sorted keys, so that equal values have equal text. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) =>
    v !== null && typeof v === "object" && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  )

/** SHA-256 over the canonical JSON of the parts, hexadecimal. */
export const keyOf = (parts: KeyParts): string => createHash("sha256").update(canonicalJson(parts)).digest("hex")

/** Numerics of stages without a backend: float64 in this JavaScript engine. */
export const float64Numerics = `float64/v8-${process.versions.v8.split(".")[0]}`

const words: { readonly [part in keyof KeyParts]: string } = {
  stage: "stage",
  code: "code",
  parameters: "parameter",
  named: "code of",
  inputs: "input",
  sources: "file",
  draws: "",
  numerics: "numerics class",
}

/** The paths at which two JSON values differ, deep inside objects. */
const differences = (
  a: unknown,
  b: unknown,
  path: string,
): ReadonlyArray<{ path: string; before: unknown; after: unknown }> => {
  if (canonicalJson(a ?? null) === canonicalJson(b ?? null)) return []
  const open = (v: unknown): v is Record<string, unknown> => typeof v === "object" && v !== null && !Array.isArray(v)
  if (!open(a) || !open(b)) return [{ path, before: a, after: b }]
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return names.flatMap((name) => differences(a[name], b[name], path === "" ? name : `${path}.${name}`))
}

const show = (value: unknown) => {
  const text = value === undefined ? "absent" : JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 37)}...` : text
}

/** What changed between two keys, in words: `parameter loss.kd.temperature: 4 -> 2`. */
export const changes = (before: KeyParts, after: KeyParts): ReadonlyArray<string> =>
  (Object.keys(words) as ReadonlyArray<keyof KeyParts>).flatMap((part) =>
    differences(before[part], after[part], "").map((d) => {
      const name = [words[part], d.path].filter((w) => w !== "").join(" ")
      return part === "parameters" || part === "draws"
        ? `${name}: ${show(d.before)} -> ${show(d.after)}`
        : `${name} changed`
    }),
  )

/** What of this package is no JavaScript. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** A file beside the source of this package. */
export const native = (name: string): string => fileURLToPath(new URL(`../../native/${name}`, import.meta.url))

/** Our part of the addon's source. */
export const sources = { loader: "addon.cc", memory: "own-memory.h" }

/** Its SHA-256, which an installation remembers. */
export const addonDigest = (): string => {
  const hash = createHash("sha256")
  for (const name of Object.values(sources)) hash.update(readFileSync(native(name)))
  return hash.digest("hex")
}

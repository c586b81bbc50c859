/** Compares an installation with what it says of itself. */
import { Effect } from "effect"
import { type Installation, isCurrent, tensorflowFolder } from "../installation.ts"
import { tensorflowVersion, tfjsVersion } from "./archives.ts"
import { digestsIn } from "./digests.ts"
import { CacheUnusable } from "./error.ts"

/** Why an installation isn't what `add` would make, in words; undefined if it is, to the last bit. */
export const differs = (found: Installation, cuda: boolean): Effect.Effect<string | undefined, CacheUnusable> =>
  Effect.tryPromise({
    try: async () => {
      if (found.tensorflow !== tensorflowVersion) return `TensorFlow ${found.tensorflow}`
      if (found.tfjs !== tfjsVersion()) return `TensorFlow.js ${found.tfjs}`
      if (found.cuda !== cuda) return found.cuda ? "with CUDA" : "without CUDA"
      if (!isCurrent(found)) return "made by another version of relent"
      const { "installed.json": _, ...digests } = await digestsIn(tensorflowFolder())
      const paths = new Set([...Object.keys(digests), ...Object.keys(found.files)])
      const damaged = [...paths].filter((path) => digests[path] !== found.files[path])
      return damaged.length > 0 ? `damaged: ${damaged.slice(0, 3).join(", ")}` : undefined
    },
    catch: (cause) => CacheUnusable.of(tensorflowFolder(), cause),
  })

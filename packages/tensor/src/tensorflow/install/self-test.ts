/** Tries what was built in a process of its own: a library can end its process. */
import { extname, join } from "node:path"
import { Effect } from "effect"
import { lastWords, run } from "./child.ts"
import { SelfTestFailed } from "./error.ts"

// The same ending as this file: source where this is source.
const main = join(import.meta.dirname, `self-test.main${extname(import.meta.filename)}`)

/** Fails unless the addon of this folder loads in this Node and computes as it should. */
export const selfTest = (folder: string, version: string): Effect.Effect<void, SelfTestFailed> =>
  Effect.gen(function* () {
    const words = ["--disable-warning=ExperimentalWarning", main, folder, version]
    const ended = yield* run(process.execPath, words, { env: { TF_CPP_MIN_LOG_LEVEL: "2" } })
    if (ended?.code !== 0)
      yield* new SelfTestFailed({ said: ended === undefined ? "Node doesn't start" : lastWords(ended) })
  })

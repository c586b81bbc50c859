/** The manifest a command speaks of: of the run it names, or of the newest. */
import { suggest } from "@relent/named"
import { Store } from "@relent/runtime"
import { Effect } from "effect"
import { Mistake } from "./application.ts"

export const manifestOf = (name: string | undefined) =>
  Effect.gen(function* () {
    const manifests = yield* Store.use((store) => store.manifests)
    if (manifests.length === 0)
      return yield* new Mistake({ message: "there is no run yet", hint: "relent run PIPELINE makes one" })
    const found =
      name === undefined
        ? manifests[0]
        : (manifests.find((m) => m.run === name) ?? manifests.find((m) => m.run.startsWith(name)))
    if (found !== undefined) return found
    return yield* new Mistake({
      message: `there is no run '${name}': ${suggest(name!, manifests.map((m) => m.run).slice(0, 10), "run")}`,
    })
  })

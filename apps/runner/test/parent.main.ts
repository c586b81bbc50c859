/** A process with helpers, that waits until it's killed: `node parent.main.ts '[["run", "a.yaml"], ...]'` says their numbers. */
import { Effect } from "effect"
import { helpers } from "../src/helpers.ts"

const words = JSON.parse(process.argv[2]!) as ReadonlyArray<ReadonlyArray<string>>
await Effect.runPromise(
  Effect.scoped(
    Effect.flatMap(helpers(words), (children) => {
      console.log(JSON.stringify(children.map(({ pid }) => pid)))
      return Effect.never
    }),
  ),
)

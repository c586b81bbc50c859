/** A process that does one thing in a store, and says what came of it in a line of JSON. */
import { check, Pipeline } from "@relent/stage"
import { Effect } from "effect"
import { run, type RunEvent, Store } from "../../src/index.ts"
import { scale, walk } from "../family.ts"
import { inStore } from "../in-store.ts"

const [what, store, key = ""] = process.argv.slice(2) as [string, string, string?]
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`)

/** A training, and what reads it. */
const pipeline = () => {
  const walked = walk({ steps: 30, pause: 1 }).values
  return Pipeline.make({ name: "shared", seed: 1, outputs: scale({ values: walked, more: [] }, { by: 2 }) })
}

const doings: { readonly [what: string]: () => Promise<void> } = {
  run: async () => {
    const computed: Array<string> = []
    const report = (event: RunEvent) =>
      Effect.sync(() => void (event._tag === "StepFinished" && computed.push(event.step)))
    const { steps } = await inStore(
      store,
      Effect.flatMap(check(pipeline()), (plan) => run(plan, { report })),
    )
    say({ computed, outputs: steps.map(({ outputs }) => outputs) })
  },
  lock: () =>
    inStore(
      store,
      Store.use(({ withLock }) =>
        withLock(
          key,
          // A wait for nothing alone keeps no process.
          Effect.suspend(() => (say("locked"), Effect.sleep(3_600_000))),
        ),
      ),
    ),
}

await doings[what]!()

/** A run as other tools track it: one for each arm of a sweep, so that arms lie over one another. */
import { view } from "@relent/arrow"
import { curvesOf, type Tracked } from "@relent/exchange"
import { type Manifest, Store } from "@relent/runtime"
import { Effect } from "effect"

/** `student@divergence=kl`: the step and its arm, which is empty outside a sweep. */
const partsOf = (id: string) => {
  const [step = "", ...arm] = id.split("@")
  return { step, arm: arm.join("@") }
}

/** `loss.kd.temperature`, down to what isn't an object. */
const flatten = (path: string, value: unknown): ReadonlyArray<readonly [string, string]> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([name, inner]) => flatten(`${path}.${name}`, inner))
    : [[path, typeof value === "string" ? value : JSON.stringify(value)]]

/** The arms of a run with their parameters, and the curves of every table with a column `step`. */
export const trackedOf = (manifest: Manifest) =>
  Effect.gen(function* () {
    const store = yield* Store
    const started = Date.parse(manifest.started)
    const arms = Map.groupBy(manifest.steps, ({ id }) => partsOf(id).arm)
    return yield* Effect.forEach(arms, ([arm, steps]) =>
      Effect.gen(function* () {
        const curves = yield* Effect.forEach(steps, ({ id, outputs }) =>
          Effect.forEach(Object.values(outputs), ({ digest }) =>
            Effect.map(store.getTable(digest), (table) =>
              table.schema.fields.some((field) => field.name === "step")
                ? curvesOf(partsOf(id).step, view(table).rows as Iterable<Readonly<Record<string, unknown>>>)
                : [],
            ),
          ),
        )
        const parameters = steps.flatMap(({ id, parts }) => flatten(partsOf(id).step, parts.parameters))
        return {
          run: arm === "" ? manifest.run : `${manifest.run}@${arm}`,
          experiment: manifest.pipeline,
          started,
          ended: started + Math.round(manifest.milliseconds),
          status: manifest.status,
          parameters: { seed: String(manifest.seed), ...Object.fromEntries(parameters) },
          curves: curves.flat(2),
        } satisfies Tracked
      }),
    )
  })

/** What a run would do: for every step, whether its result is in the store, and if not, why. */
import type { CheckedPipeline, Step } from "@relent/stage"
import { Effect } from "effect"
import { type StepFailed, stepFailed } from "./error.ts"
import { changes, keyOf } from "./key.ts"
import type { ManifestStep } from "./manifest.ts"
import { checkNeeds } from "./needs.ts"
import type { Resources } from "./resource.ts"
import { inputsOf } from "./inputs.ts"
import { rootsOf } from "./sources.ts"
import { openStep } from "./step-key.ts"
import { StoreCorrupt, type StoreError } from "./store/error.ts"
import { Store } from "./store/store.ts"

export interface Forecast {
  readonly step: string
  readonly stage: string
  readonly hit: boolean
  /** Why a step misses: `parameter loss.kd.temperature: 4 -> 2`. Empty for a hit. */
  readonly because: ReadonlyArray<string>
}

/** The steps of earlier runs of this pipeline by id, each from the newest run that has it. */
const earlier = (pipeline: string) =>
  Effect.gen(function* () {
    const manifests = yield* (yield* Store).manifests
    const oldestFirst = manifests.filter((m) => m.pipeline === pipeline).toReversed()
    return new Map(oldestFirst.flatMap((m) => m.steps.map((step) => [step.id, step] as const)))
  })

/** Forecasts a run. Nothing is computed or written. */
export const forecast = (
  checked: CheckedPipeline,
  options: { readonly allow?: ReadonlyArray<string> } = {},
): Effect.Effect<ReadonlyArray<Forecast>, StepFailed | StoreError, Store | Resources> =>
  Effect.gen(function* () {
    yield* checkNeeds(checked)
    const store = yield* Store
    const roots = rootsOf(checked.file, options.allow)
    const known = new Map<Step, ManifestStep>()
    const forecasts: Array<Forecast> = []
    const ran = yield* Effect.cached(earlier(checked.pipeline.name))
    for (const one of checked.steps) {
      const { step } = one
      const located = { step: step.id, stage: step.stage.id }
      const missing = Object.values(step.inputs)
        .flat()
        .flatMap((handle) => (known.has(handle.step) ? [] : [`${handle.step.id} runs before it`]))
      if (missing.length > 0) {
        forecasts.push({ ...located, hit: false, because: [...new Set(missing)] })
        continue
      }
      const { parts } = yield* openStep(one, checked.pipeline.seed, inputsOf(step, known), roots).pipe(
        Effect.mapError(stepFailed(one, checked.file)),
      )
      const key = keyOf(parts)
      const found = yield* store.lookUp(key)
      if (found !== undefined && !(found instanceof StoreCorrupt)) {
        known.set(step, { ...found, stage: step.stage.id, id: step.id, status: "cached", at: step.at })
        forecasts.push({ ...located, hit: true, because: [] })
        continue
      }
      const before = (yield* ran).get(step.id)
      const because =
        found instanceof StoreCorrupt
          ? [found.message]
          : before === undefined
            ? ["it never ran"]
            : before.key === key
              ? ["its result is no longer in the store"]
              : changes(before.parts, parts)
      forecasts.push({ ...located, hit: false, because })
    }
    return forecasts
  })

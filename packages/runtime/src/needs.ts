/** What stages need of the backend, checked before anything runs. */
import type { CheckedPipeline } from "@relent/stage"
import { Effect } from "effect"
import { stepFailed } from "./error.ts"
import { Resources } from "./resource.ts"

/** Fails at the first step whose stage declares a kernel that the backend lacks. */
export const checkNeeds = ({ steps, file }: CheckedPipeline) =>
  Effect.gen(function* () {
    const { backend } = yield* Resources
    for (const one of steps) {
      const { kernels = [] } = one.step.stage.definition
      if (backend !== undefined && kernels.length > 0)
        yield* Effect.mapError(backend.offers(kernels), stepFailed(one, file))
    }
  })

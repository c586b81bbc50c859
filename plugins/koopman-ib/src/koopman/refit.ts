/** The operator of a model whose latents are settled. */
import { StageError } from "@relent/stage"
import { Effect } from "effect"
import { eigenvaluesOf, operatorOf, type OperatorKind } from "./operator.ts"
import type { States } from "./states.ts"

interface Options {
  readonly members: number
  readonly dimension: number
  readonly kind: OperatorKind
  readonly ridge: number
  readonly warn: (message: string) => Effect.Effect<void>
}

/** A radius from which forty steps grow sevenfold. */
const explosive = 1.05

/** Operators `[members, d, d]` of latents `[members, trajectories, length, d]`; warns where a long roll-out explodes. */
export const refit = (latents: Float64Array, { trajectories }: States, options: Options) =>
  Effect.gen(function* () {
    const { members, dimension: d, warn } = options
    const size = latents.length / members
    const operators = new Float64Array(members * d * d)
    let radius = 0
    for (let m = 0; m < members; m++) {
      const own = latents.subarray(m * size, (m + 1) * size)
      const lowest = own.slice(0, d)
      if (own.every((v, i) => v === lowest[i % d]))
        return yield* new StageError({
          message: `member ${m} gives every state the same latents (DegenerateLatent)`,
          hint: "make 'learningRate' smaller, or 'gamma' larger",
        })
      const operator = operatorOf(own, { trajectories, ...options })
      operators.set(operator, m * d * d)
      radius = Math.max(radius, eigenvaluesOf(operator)[0]!.modulus)
    }
    if (radius > explosive)
      yield* warn(`the operator has spectral radius ${radius.toFixed(3)}: what is predicted many steps ahead explodes`)
    return operators
  })

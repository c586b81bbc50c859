/** Van der Pol's oscillator. */
import { orElse, Positive } from "@relent/named"
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { box, simulate, simulation } from "./dynamics/simulate.ts"
import { Trajectories } from "./tables.ts"

/**
 * `x1' = x2, x2' = mu (1 - x1^2) x2 - x1`: every trajectory but the origin ends on one cycle. Starts are uniform in a square.
 *
 * @reference vanderpol1926
 */
export const vanDerPol = Stage.make("koopman-ib/van-der-pol", {
  module: import.meta.url,
  title: "Trajectories of Van der Pol's oscillator",
  uses: ["random"],
  parameters: {
    ...simulation({ dt: 0.1, substeps: 2 }),
    mu: orElse(Schema.Finite.annotate({ description: "damping; negative turns time around" }), 1),
    spread: orElse(Positive.annotate({ description: "half the side of the square of starts" }), 2.5),
  },
  outputs: { data: Trajectories },
  sizes: ({ steps }) => ({ steps: steps + 1, features: 2 }),
  *run({ parameters, random }) {
    const { mu, spread } = parameters
    const flow = ([x1, x2]: Float64Array) => Float64Array.of(x2!, mu * (1 - x1! * x1!) * x2! - x1!)
    return { data: yield* simulate({ flow, start: box(2, spread) }, parameters, random) }
  },
})

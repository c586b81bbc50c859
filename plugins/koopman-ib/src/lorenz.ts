/** Lorenz's system. */
import { NonNegative, orElse } from "@relent/named"
import type { Draws } from "@relent/random"
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { box, simulate, simulation } from "./dynamics/simulate.ts"
import { Trajectories } from "./tables.ts"

/**
 * `x' = sigma (y - x), y' = x (rho - z) - y, z' = x y - beta z`. Starts are uniform in a cube of side 20 around (0, 0, 25), and
 * forgotten for a time `burnIn`, after which trajectories are on the attractor.
 *
 * @reference lorenz1963
 */
export const lorenz = Stage.make("koopman-ib/lorenz", {
  module: import.meta.url,
  title: "Trajectories on Lorenz's attractor",
  uses: ["random"],
  parameters: {
    ...simulation({ dt: 0.02, substeps: 2 }),
    sigma: orElse(Schema.Finite, 10),
    rho: orElse(Schema.Finite, 28),
    beta: orElse(Schema.Finite, 8 / 3),
    burnIn: orElse(NonNegative.annotate({ description: "time before the first state that is kept" }), 5),
  },
  outputs: { data: Trajectories },
  sizes: ({ steps }) => ({ steps: steps + 1, features: 3 }),
  *run({ parameters, random }) {
    const { sigma, rho, beta, burnIn } = parameters
    const flow = ([x, y, z]: Float64Array) =>
      Float64Array.of(sigma * (y! - x!), x! * (rho - z!) - y!, x! * y! - beta * z!)
    const start = (draws: Draws) => {
      const [x, y, z] = box(3, 10)(draws)
      return Float64Array.of(x!, y!, z! + 25)
    }
    return { data: yield* simulate({ flow, start, burnIn }, parameters, random) }
  },
})

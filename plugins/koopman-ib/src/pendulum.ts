/** The pendulum. */
import { NonNegative, orElse, Positive } from "@relent/named"
import { Stage } from "@relent/stage"
import { box, simulate, simulation } from "./dynamics/simulate.ts"
import { Trajectories } from "./tables.ts"

/**
 * Angle and angular velocity, `x1' = x2, x2' = -sin x1 - damping x2`. Starts are uniform in a square; beyond `x2^2 / 2 - cos x1 = 1` it
 * turns over.
 *
 * @reference none: a textbook system
 */
export const pendulum = Stage.make("koopman-ib/pendulum", {
  module: import.meta.url,
  title: "Trajectories of a pendulum",
  uses: ["random"],
  parameters: {
    ...simulation({ dt: 0.1, substeps: 2 }),
    damping: orElse(NonNegative, 0),
    spread: orElse(Positive.annotate({ description: "half the side of the square of starts" }), 1.4),
  },
  outputs: { data: Trajectories },
  sizes: ({ steps }) => ({ steps: steps + 1, features: 2 }),
  *run({ parameters, random }) {
    const { damping, spread } = parameters
    const flow = ([angle, velocity]: Float64Array) =>
      Float64Array.of(velocity!, -Math.sin(angle!) - damping * velocity!)
    return { data: yield* simulate({ flow, start: box(2, spread) }, parameters, random) }
  },
})

/** Burgers' equation with viscosity. */
import { Count, orElse, Positive } from "@relent/named"
import type { Draws } from "@relent/random"
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { simulate, simulation } from "./dynamics/simulate.ts"
import { Trajectories } from "./tables.ts"

/** `u_t = -(u^2 / 2)_x + viscosity u_xx` by central differences on a ring of length 2 pi: what flows out of a point flows into the next. */
const flowOf =
  (points: number, viscosity: number) =>
  (u: Float64Array): Float64Array => {
    const h = (2 * Math.PI) / points
    return u.map((here, i) => {
      const [left, right] = [u[(i + points - 1) % points]!, u[(i + 1) % points]!]
      return (left * left - right * right) / (4 * h) + (viscosity * (left - 2 * here + right)) / (h * h)
    })
  }

/** Waves `sum_k (a_k sin k x + b_k cos k x) / k` with standard normal a and b. */
const wavesOf =
  (points: number, waves: number) =>
  (draws: Draws): Float64Array => {
    const amplitudes = Array.from({ length: waves }, () => [draws.normal(), draws.normal()] as const)
    return Float64Array.from({ length: points }, (_, i) => {
      const x = (2 * Math.PI * i) / points
      return amplitudes.reduce(
        (sum, [a, b], k) => sum + (a * Math.sin((k + 1) * x) + b * Math.cos((k + 1) * x)) / (k + 1),
        0,
      )
    })
  }

/**
 * A wave on a ring that steepens and dies out, `u_t + u u_x = viscosity u_xx`; a state is `u` at `points` places. Starts are sums of
 * the longest waves.
 *
 * @reference bateman1915
 */
export const burgers = Stage.make("koopman-ib/burgers", {
  module: import.meta.url,
  title: "Trajectories of Burgers' equation on a ring",
  uses: ["random"],
  parameters: {
    ...simulation({ dt: 0.05, substeps: 4 }),
    points: orElse(Schema.Int.check(Schema.isGreaterThanOrEqualTo(3)), 32),
    viscosity: orElse(Positive, 0.1),
    waves: orElse(Count.annotate({ description: "waves in a start, from the longest" }), 3),
  },
  outputs: { data: Trajectories },
  sizes: ({ steps, points }) => ({ steps: steps + 1, features: points }),
  *run({ parameters, random }) {
    const { points, viscosity, waves } = parameters
    const system = { flow: flowOf(points, viscosity), start: wavesOf(points, waves) }
    return { data: yield* simulate(system, parameters, random) }
  },
})

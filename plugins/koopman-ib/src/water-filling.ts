/** Power among modes, with and without entropy. */
import { Column } from "@relent/arrow"
import { Count, NonNegative, orElse, Positive } from "@relent/named"
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { ascend, effectiveDimension, equal, gap, information } from "./information/allocation.ts"
import { Allocation, Modes } from "./tables.ts"

/**
 * Maximises `sum_i log(1 + g_i p_i) / 2 + gamma H(p)` over the simplex. Without entropy it is water-filling, which drops weak
 * modes; with it every mode keeps some power. `gap` bounds what is missing to the maximum.
 *
 * @reference cheng2025infokoopman
 */
export const waterFilling = Stage.make("koopman-ib/water-filling", {
  module: import.meta.url,
  title: "Power among modes: mutual information and entropy",
  parameters: {
    gains: Schema.NonEmptyArray(Positive).annotate({
      description: "of each mode, its signal-to-noise ratio at all the power",
    }),
    gamma: orElse(NonNegative.annotate({ description: "weight of the entropy" }), 0),
    steps: orElse(Count, 1000),
    every: orElse(Count.annotate({ description: "steps between two metrics" }), 100),
  },
  outputs: { modes: Modes, allocation: Allocation },
  metrics: { gap: Column.float64 },
  *run({ parameters, emit, progress }) {
    const { gains, steps, every } = parameters
    let logP = equal(parameters)
    for (let step = 1; step <= steps; step++) {
      logP = ascend(parameters, logP)
      if (step % every > 0 && step < steps) continue
      yield* progress(step, steps)
      yield* emit({ step, gap: gap(parameters, logP) })
    }
    const power = logP.map(Math.exp)
    return {
      modes: Modes.make({ mode: Int32Array.from(gains.keys()), gain: Float64Array.from(gains), power }),
      allocation: Allocation.fromRows([
        {
          information: information(parameters, power),
          effectiveDimension: effectiveDimension(power),
          gap: gap(parameters, logP),
        },
      ]),
    }
  },
})

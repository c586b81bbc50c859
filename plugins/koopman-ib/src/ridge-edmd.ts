/** Linear dynamics of given functions of the state. */
import { orElse, Positive } from "@relent/named"
import { Port, Stage } from "@relent/stage"
import { Schema } from "effect"
import { Dictionary, lift } from "./koopman/dictionary.ts"
import { Koopman } from "./koopman/model.ts"
import { operators } from "./koopman/operator.ts"
import { refit } from "./koopman/refit.ts"
import { scaleOf, standardise, statesOf } from "./koopman/states.ts"
import { trajectories } from "./tables.ts"

/**
 * Extended dynamic mode decomposition: the operator of a dictionary by least squares with a penalty; of the dictionary `linear` it is
 * dynamic mode decomposition. States are standardised first.
 *
 * @reference williams2015edmd schmid2010dmd
 */
export const ridgeEdmd = Stage.make("koopman-ib/ridge-edmd", {
  module: import.meta.url,
  title: "A linear model of dynamics by a dictionary: EDMD, DMD",
  uses: ["random"],
  parameters: {
    dictionary: orElse(Dictionary, { polynomial: { degree: 3 } }),
    ridge: orElse(Positive.annotate({ description: "penalty on the operator" }), 0.1),
    operator: orElse(Schema.Literals(operators), "pooled"),
  },
  inputs: { data: Port.any(trajectories) },
  outputs: { model: Koopman.only("dictionary") },
  *run({ parameters: { dictionary, ridge, operator: kind }, inputs: { data }, random, warn }) {
    const states = yield* statesOf(data, 2)
    const { features } = states
    const scale = yield* scaleOf(states)
    const x = standardise(scale, states.values)
    const count = typeof dictionary === "object" && "rbf" in dictionary ? dictionary.rbf.centres : 0
    const chosen = random("centres")
      .permutation(x.length / features)
      .subarray(0, count)
    const centres = Float64Array.from(
      [...chosen].flatMap((row) => [...x.subarray(row * features, (row + 1) * features)]),
    )
    const latents = lift(dictionary, centres, features, x)
    const d = latents.length / (x.length / features)
    const operator = yield* refit(latents, states, { members: 1, dimension: d, kind, ridge, warn })
    return {
      model: { kind: "dictionary", features, latents: d, members: 1, ...scale, operator, dictionary, centres } as const,
    }
  },
})

/** How good, how robust and how narrow a bottleneck is. */
import { DegenerateBottleneck, kernelDivergences, normalisedDependence } from "@relent/divergence"
import { Count, NonNegative, orElse, Positive } from "@relent/named"
import { Model } from "@relent/nn"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"
import { examplesOf } from "./bottleneck/examples.ts"
import { InformationPlane, regression, RegressionErrors, TargetScale } from "./bottleneck/tables.ts"
import { bottleneckOf, underAttack } from "./bottleneck/trained.ts"
import { informationPlaneChart } from "./charts.ts"

/**
 * Errors on clean inputs, under the fast gradient sign method (`fgsm`) and under projected gradients (`pgd`), in the units of the
 * targets; and what the bottleneck keeps of inputs and targets, a point of the information plane a member. Kernels have widths of
 * `sigma` deviations. Nothing is drawn: an encoder that was stochastic in training gives its mean.
 *
 * @reference yu2024csib
 */
export const evaluateBottleneck = Stage.make("koopman-ib/evaluate-bottleneck", {
  module: import.meta.url,
  title: "Errors of a regression, clean and attacked, and the information plane",
  uses: ["backend"],
  parameters: {
    epsilons: orElse(
      Schema.Array(NonNegative).annotate({ description: "sizes of attacks, in deviations" }),
      [0.1, 0.2, 0.3],
    ),
    pgdStep: orElse(Positive, 0.05),
    pgdSteps: orElse(Count, 5),
    sigma: orElse(Positive.annotate({ description: "width of all kernels" }), 1),
  },
  inputs: { encoder: Model.only("mlp"), decoder: Model.only("mlp"), data: Port.any(regression), scale: TargetScale },
  outputs: { errors: RegressionErrors, information: InformationPlane },
  *run({ parameters: { epsilons, pgdStep, pgdSteps, sigma }, inputs: { encoder, decoder, data, scale } }) {
    const examples = yield* examplesOf(data)
    const { features, targets, rows } = examples
    const wrong = (message: string) => new StageError({ message, hint: "use tables of one training" })
    if (features !== encoder.widths[0])
      return yield* wrong(`the data has ${features} features, the encoder wants ${encoder.widths[0]}`)
    if (targets !== decoder.widths.at(-1) || targets !== scale.length)
      return yield* wrong(
        `the data has ${targets} targets, the decoder ${decoder.widths.at(-1)}, the scale ${scale.length}`,
      )
    if (encoder.members !== decoder.members) return yield* wrong("encoder and decoder have different members")
    const bottleneck = decoder.widths[0]!
    if (encoder.widths.at(-1) !== bottleneck && encoder.widths.at(-1) !== 2 * bottleneck)
      return yield* wrong(`the encoder gives ${encoder.widths.at(-1)} numbers, the decoder wants ${bottleneck}`)

    const attacks = [
      { attack: "none", epsilon: 0, size: 0, steps: 0 },
      ...epsilons.map((epsilon) => ({ attack: "fgsm", epsilon, size: epsilon, steps: 1 })),
      ...epsilons.map((epsilon) => ({ attack: "pgd", epsilon, size: pgdStep, steps: pgdSteps })),
    ]
    const errors = yield* Effect.forEach(attacks, ({ attack, ...how }) =>
      Effect.map(underAttack(encoder, decoder, examples, how), (predicted) =>
        Array.from({ length: encoder.members }, (_, member) => {
          const own = predicted.subarray(member * rows * targets, (member + 1) * rows * targets)
          const square = own.reduce(
            (sum, v, i) => sum + ((v - examples.y[i]!) * scale.columns.deviation[i % targets]!) ** 2,
            0,
          )
          const rmse = Math.sqrt(square / own.length)
          return { member, attack, epsilon: how.epsilon, rmse }
        }),
      ),
    )
    const seen = (values: Float32Array, dimension: number) => ({ points: { values, dimension }, sigma })
    const [x, y] = [seen(examples.x, features), seen(examples.y, targets)]
    const { "cauchy-schwarz": cs, mmd } = kernelDivergences
    const information = yield* Effect.forEach(
      yield* bottleneckOf(encoder, bottleneck, examples.x),
      (values, member) => {
        const t = seen(values, bottleneck)
        return Effect.try({
          try: () => ({
            member,
            ofInputs: normalisedDependence(cs, x, t),
            ofTargets: normalisedDependence(cs, t, y),
            hsicOfInputs: normalisedDependence(mmd, x, t),
            hsicOfTargets: normalisedDependence(mmd, t, y),
          }),
          catch: (error) => error as Error,
        }).pipe(
          Effect.catch((error) =>
            error instanceof DegenerateBottleneck
              ? Effect.fail(
                  new StageError({
                    message: `member ${member}: ${error.message} (DegenerateBottleneck)`,
                    hint: "make 'beta' smaller",
                  }),
                )
              : Effect.die(error),
          ),
        )
      },
    )
    return {
      errors: RegressionErrors.fromRows(errors.flat()),
      information: InformationPlane.fromRows(information, informationPlaneChart),
    }
  },
})

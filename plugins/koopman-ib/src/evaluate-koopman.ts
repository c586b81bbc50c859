/** How far ahead a linear model of dynamics sees. */
import { vonNeumann } from "@relent/divergence"
import { Count, orElse } from "@relent/named"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"
import { eigenvalueChart, portraitChart } from "./charts.ts"
import { Koopman } from "./koopman/model.ts"
import { eigenvaluesOf } from "./koopman/operator.ts"
import { decode, encode, rollOut } from "./koopman/predict.ts"
import { standardise, statesOf } from "./koopman/states.ts"
import { Eigenvalues, Forecast, ForecastErrors, Portrait, trajectories } from "./tables.ts"

/** Of sets of one size also the root mean square of theirs. */
const rootMeanSquare = (x: ArrayLike<number>) => {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]! ** 2
  return Math.sqrt(sum / x.length)
}

/**
 * Predicts 1 to `horizon` steps from the first state of each trajectory. `nrmse` is the root of the mean squared error over all of
 * them, in deviations of the training data; `oneStep` is that of the first, `persistence` the `nrmse` of predicting no change.
 * Errors are those of the coordinates `scored`: of delayed values score the newest, since the others are known for some steps.
 * `effectiveDimension` is e^S of the latents of all states. `portrait` follows the first trajectories of member 0 in the plane of two
 * coordinates, in their own units; data of one coordinate has none.
 *
 * @reference cheng2025infokoopman
 */
export const evaluateKoopman = Stage.make("koopman-ib/evaluate-koopman", {
  module: import.meta.url,
  title: "Errors, eigenvalues and phase portraits of a linear model of dynamics",
  uses: ["backend"],
  parameters: {
    horizon: orElse(Count, 40),
    portraits: orElse(Count.annotate({ description: "trajectories of the portrait" }), 4),
    coordinates: orElse(
      Schema.Tuple([Schema.Int, Schema.Int]).annotate({ description: "of the portrait's plane, from 0" }),
      [0, 1],
    ),
    scored: Schema.optionalKey(
      Schema.NonEmptyArray(Schema.Int).annotate({
        description: "coordinates whose errors count, from 0; all, if not given",
      }),
    ),
  },
  inputs: { model: Koopman, data: Port.any(trajectories) },
  outputs: { metrics: Forecast, errors: ForecastErrors, eigenvalues: Eigenvalues, portrait: Portrait },
  *run({ parameters: { horizon, portraits, coordinates, scored }, inputs: { model, data } }) {
    const { features, members, latents: d, mean, deviation } = model
    const states = yield* statesOf(data, horizon + 1)
    if (states.features !== features)
      return yield* new StageError({
        message: `states have ${states.features} features, the model wants ${features}`,
        hint: "use data like that it was trained on",
      })
    const unknown =
      coordinates.find((c) => c < 0 || c >= Math.max(2, features)) ?? scored?.find((c) => c < 0 || c >= features)
    if (unknown !== undefined)
      return yield* new StageError({ message: `there is no coordinate ${unknown}`, hint: "coordinates count from 0" })
    const { trajectories: count, length } = states
    const x = standardise(model, states.values)
    const size = count * features
    const at = (h: number) =>
      Float32Array.from(
        { length: size },
        (_, i) => x[(Math.floor(i / features) * length + h) * features + (i % features)]!,
      )
    const start = at(0)
    const truth = Array.from({ length: horizon }, (_, h) => at(h + 1))
    const predicted = yield* decode(model, rollOut(model, yield* encode(model, start), horizon))
    const all = yield* encode(model, x)
    const counted = (row: Float32Array) =>
      scored === undefined ? row : row.filter((_, i) => scored.includes(i % features))
    const off = (m: number, h: number) => counted(truth[h]!.map((v, i) => predicted[(m * horizon + h) * size + i]! - v))
    const persistence = rootMeanSquare(truth.map((row) => rootMeanSquare(counted(row.map((v, i) => v - start[i]!)))))

    const operatorOf = (m: number) => model.operator.subarray(m * d * d, (m + 1) * d * d)
    const eigenvalues = Array.from({ length: members }, (_, m) =>
      eigenvaluesOf(operatorOf(m)).map((value, index) => ({ member: m, index, ...value })),
    )
    const perHorizon = Array.from({ length: members }, (_, m) => truth.map((_, h) => rootMeanSquare(off(m, h))))
    const spread = (m: number) =>
      Effect.try({
        try: () =>
          vonNeumann({
            values: all.subarray((m * all.length) / members, ((m + 1) * all.length) / members),
            dimension: d,
          }),
        catch: (error) =>
          new StageError({
            message: `member ${m}: ${(error as Error).message} (DegenerateLatent)`,
            hint: "look at the latents of the model",
          }),
      })
    const metrics = yield* Effect.forEach(perHorizon, (errors, member) =>
      Effect.map(spread(member), ({ entropy, effectiveDimension }) => ({
        member,
        nrmse: rootMeanSquare(errors),
        oneStep: errors[0]!,
        persistence,
        entropy,
        effectiveDimension,
        spectralRadius: eigenvalues[member]![0]!.modulus,
      })),
    )
    const unit = (v: number, k: number) => v * deviation[k]! + mean[k]!
    const [a, b] = coordinates
    const portrait = Array.from({ length: features < 2 ? 0 : Math.min(portraits, count) }, (_, t) =>
      (["true", "predicted"] as const).flatMap((kind) =>
        Array.from({ length: horizon + 1 }, (_, step) => {
          const value = (k: number) => {
            const i = t * features + k
            const known = kind === "true" || step === 0
            const row = step === 0 ? start : truth[step - 1]!
            return unit(known ? row[i]! : predicted[(step - 1) * size + i]!, k)
          }
          return { trajectory: t, step, kind, x: value(a), y: value(b) }
        }),
      ),
    ).flat()
    const errors = perHorizon.flatMap((own, member) => own.map((rmse, h) => ({ member, horizon: h + 1, rmse })))
    return {
      metrics: Forecast.fromRows(metrics),
      errors: ForecastErrors.fromRows(errors),
      eigenvalues: Eigenvalues.fromRows(eigenvalues.flat(), eigenvalueChart),
      portrait: Portrait.fromRows(portrait, portraitChart),
    }
  },
})

/** Which arm of a sweep is better, with an interval. */
import { Column, TableSchema } from "@relent/arrow"
import { orElse } from "@relent/named"
import { Port, Stage, StageError } from "@relent/stage"
import quantile from "@stdlib/stats-base-dists-t-quantile"
import { Schema } from "effect"

const metrics = ["accuracy", "nll", "brier", "ece"] as const

/** Mean difference to the baseline, paired over members and seeds, with its 95 % interval. */
const Comparison = TableSchema.make("distillation/comparison", 1, {
  arm: Column.utf8,
  metric: Column.utf8,
  difference: Column.float64,
  low: Column.float64,
  high: Column.float64,
  verdict: Column.utf8,
})

/** The two-sided paired t interval of a mean: mean -+ t(1 - (1 - level)/2, n - 1) s / sqrt(n). */
export const pairedInterval = (
  differences: ReadonlyArray<number>,
  level = 0.95,
): readonly [mean: number, low: number, high: number] => {
  const n = differences.length
  const mean = differences.reduce((a, b) => a + b, 0) / n
  const variance = differences.reduce((a, d) => a + (d - mean) ** 2, 0) / (n - 1)
  const half = quantile(1 - (1 - level) / 2, n - 1) * Math.sqrt(variance / n)
  return [mean, mean - half, mean + half]
}

/**
 * Compares the arms of a sweep with one of them, member by member and, where the sweep has an axis `seed`, seed by seed: members of one
 * number and seed start from the same weights and see the same batches.
 *
 * @reference none: the paired t interval
 */
export const compare = Stage.make("distillation/compare", {
  module: import.meta.url,
  title: "Differences of a sweep's arms to one of them, with intervals",
  parameters: {
    baseline: Schema.String.annotate({ description: "the arm that the others are compared with" }),
    axis: orElse(Schema.String.annotate({ description: "the column of arms" }), "loss"),
  },
  inputs: {
    results: Port.any({
      member: Column.int32,
      accuracy: Column.float64,
      nll: Column.float64,
      brier: Column.float64,
      ece: Column.float64,
    }),
  },
  outputs: { comparison: Comparison },
  *run({ parameters: { baseline, axis }, inputs: { results } }) {
    const arms = (results.columns as unknown as Readonly<Record<string, ReadonlyArray<string>>>)[axis]
    if (arms === undefined || typeof arms[0] !== "string")
      return yield* new StageError({
        message: `the results have no column '${axis}' of arms`,
        hint: "collect a sweep, and name its axis",
      })
    const names = [...new Set(arms)]
    const rowsOf = (arm: string) => [...arms.keys()].filter((row) => arms[row] === arm)
    const base = rowsOf(baseline)
    if (base.length < 2)
      return yield* new StageError({
        message: `the baseline '${baseline}' has ${base.length} rows, an interval needs two`,
        hint: `there is ${names.join(", ")}`,
      })
    const { member } = results.columns
    const seeds = (results.columns as { readonly seed?: ArrayLike<number | string> }).seed
    const drawOf = (row: number) => (seeds === undefined ? "" : `seed ${seeds[row]}, `) + `member ${member[row]}`
    for (const arm of names) {
      const twice = [...Map.groupBy(rowsOf(arm), drawOf)].find(([, rows]) => rows.length > 1)
      if (twice !== undefined)
        return yield* new StageError({
          message: `arm '${arm}' has ${twice[1].length} rows of ${twice[0]}`,
          hint: `sweep over '${axis}' and 'seed' only: nothing tells such rows apart`,
        })
    }
    const rows = names
      .filter((arm) => arm !== baseline)
      .flatMap((arm) =>
        metrics.map((metric) => {
          const values = results.columns[metric]
          const differences = rowsOf(arm).flatMap((row) => {
            const twin = base.find((other) => drawOf(other) === drawOf(row))
            return twin === undefined ? [] : [values[row]! - values[twin]!]
          })
          const [difference, low, high] = pairedInterval(differences)
          const isBetter = metric === "accuracy" ? low > 0 : high < 0
          const isWorse = metric === "accuracy" ? high < 0 : low > 0
          return {
            arm,
            metric,
            difference,
            low,
            high,
            verdict: isBetter ? "better" : isWorse ? "worse" : "no difference",
          }
        }),
      )
    return { comparison: Comparison.fromRows(rows) }
  },
})

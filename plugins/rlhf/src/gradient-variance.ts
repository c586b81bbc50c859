/** Which divergence's gradient is the quietest, on random problems. */
import { Column, TableSchema } from "@relent/arrow"
import { Divergence } from "@relent/divergence"
import { Count, orElse, Positive } from "@relent/named"
import { makeTarget, Tabular } from "@relent/sequence"
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { mean } from "./mean.ts"
import { gradientVariance } from "./target/gradient-variance.ts"
import { paperConstant } from "./target/pseudo-reward.ts"

const Variances = TableSchema.make("rlhf/gradient-variances", 1, {
  divergence: Column.utf8,
  /** Means over the tables: the trace of the covariance, and over the squared norm of the mean. */
  trace: Column.float64,
  ratio: Column.float64,
  /** In which share of the tables the first divergence has less of it; 0 for itself. */
  firstHasLess: Column.float64,
  firstHasLessRatio: Column.float64,
})

const Measured = Schema.Struct({
  divergence: Divergence.having(),
  scale: orElse(Positive.annotate({ description: "times this: the paper's Jensen–Shannon is twice ours" }), 1),
})

/**
 * The exact covariance of the single-sample gradient of `D(target || policy)` at the policy `prior`, for targets `prior exp(r / beta)`, the prior
 * uniform over all distributions (Dirichlet(1)), r standard normal. The paper's constants, no baseline.
 *
 * @reference go2023fdpg
 */
export const gradientVarianceStage = Stage.make("rlhf/gradient-variance", {
  module: import.meta.url,
  title: "The variance of the gradient of f-DPG, exactly, over random problems",
  uses: ["random"],
  parameters: {
    divergences: Schema.NonEmptyArray(Measured),
    answers: orElse(Count, 50),
    tables: orElse(Count, 100),
    beta: orElse(Positive, 0.5),
  },
  outputs: { variances: Variances },
  *run({ parameters: { divergences, answers, tables, beta }, random }) {
    const problems = Array.from({ length: tables }, (_, k) => {
      // -log of uniforms, normalised, is Dirichlet(1)
      const logits = random("prior", k)
        .uniforms(answers)
        .map((u) => Math.log(-Math.log1p(-u)))
      const logPi = Tabular.logProbabilities(Tabular.make(1, answers, logits))
      const r = random("reward", k).normals(answers)
      const { logScore, logZ } = makeTarget(
        1,
        answers,
        logPi.map((l, i) => l + r[i]! / beta),
      )
      return { pi: logPi.map(Math.exp), logT: logPi.map((l, i) => l - (logScore[i]! - logZ[0]!)) }
    })
    const found = divergences.map(({ divergence, scale }) =>
      problems.map(({ pi, logT }) => {
        const { trace, squaredNorm } = gradientVariance(divergence, paperConstant(divergence), pi, logT)
        return { trace: scale ** 2 * trace, ratio: trace / squaredNorm }
      }),
    )
    const less = (column: "trace" | "ratio", k: number) =>
      mean(found[k]!.map((row, i) => (found[0]![i]![column] < row[column] ? 1 : 0)))
    const rows = divergences.map(({ divergence: { name } }, k) => ({
      divergence: name,
      trace: mean(found[k]!.map(({ trace }) => trace)),
      ratio: mean(found[k]!.map(({ ratio }) => ratio)),
      firstHasLess: less("trace", k),
      firstHasLessRatio: less("ratio", k),
    }))
    return { variances: Variances.fromRows(rows) }
  },
})

/** f-divergences: everything that follows from one generator. */
import { Named } from "@relent/named"
import type { Generator } from "./arithmetic.ts"
import { type Derived, derive, dualGenerator } from "./calculus/derived.ts"
import { at } from "./calculus/evaluate.ts"
import { monomial, scaled, sum } from "./calculus/expression.ts"
import { type SharedSupport, sharedLogSupport, sharedSupport } from "./distribution.ts"
import type { Divergence, LogForm, Spelling } from "./divergence.ts"
import { float64 } from "./float64.ts"
import type { Laws } from "./law.ts"
import { evaluate, limit, solve } from "./limit.ts"

/** What an author writes down: a generator with `f(1) = f'(1) = 0`, its formula for readers, its laws. */
export interface Definition {
  readonly name: string
  /** Left out, it is the name. */
  readonly spelling?: Spelling
  readonly formula: string
  readonly f: Generator
  readonly laws: Omit<Laws, "dataProcessing" | "jointlyConvex">
  /** What a reader of the table should know. */
  readonly note?: string
}

/** No mass costs nothing, even where a unit of it would cost infinitely much. */
const cost = (mass: number, each: () => number): number => (mass === 0 ? 0 : mass * each())

/**
 * `D_f(target || model) = E_model[f(u)]`, `u = target / model`, from a convex `f` with `f(1) = f'(1) = 0`.
 *
 * ```ts example
 * import { Divergence } from "@relent/divergence"
 * const { kl } = Divergence
 * kl.between([0.5, 0.5], [1, 0]) // => Infinity
 * kl.between([1, 0], [0.5, 0.5]) // => Math.log(2)
 * ```
 * @reference csiszar1967
 */
export class FDivergence implements Divergence {
  readonly name: string
  readonly spelling: Spelling
  readonly formula: string
  readonly note: string | undefined
  readonly generator: Generator
  readonly laws: Laws
  readonly origin: Named<unknown>
  readonly #known = new Map<string, number>()
  #derived: Derived | undefined

  constructor(definition: Definition, origin: Named<unknown>) {
    this.name = definition.name
    this.spelling = definition.spelling ?? definition.name
    this.formula = definition.formula
    this.note = definition.note
    this.generator = definition.f
    this.laws = { ...definition.laws, dataProcessing: true, jointlyConvex: true }
    this.origin = origin
  }

  /** `f` and its derivatives in normal form: exact however large or small the ratio. */
  get derived(): Derived {
    return (this.#derived ??= derive(this.generator))
  }

  #once(name: string, compute: () => number): number {
    const value = this.#known.get(name) ?? compute()
    this.#known.set(name, value)
    return value
  }

  /** `f(u)`, `u` in `[0, infinity]`. */
  f(u: number): number {
    return evaluate(this.derived.f, Math.log(u))
  }
  /** `f'(u)`, `u` in `[0, infinity]`; at a kink the middle of its slopes. */
  slope(u: number): number {
    return evaluate(this.derived.slope, Math.log(u))
  }
  /** `u^2 f''(u)` at `logU = log target - log model`: the weight of a score difference. @reference xu2025fdistill */
  scoreWeight(logU: number): number {
    return evaluate(this.derived.scoreWeight, logU)
  }
  /** Whether `u^2 f''(u)` is one number at every ratio, so that a method needs no ratio: so it is for reverse-kl. */
  get hasConstantScoreWeight(): boolean {
    return this.derived.scoreWeight.every(({ c, factors }) => c === 0 && factors.length === 0)
  }
  /** `model u^2 f''(u)` at each entry of two rows of finite logarithms: finite wherever it is in the mathematics. */
  scoreWeights(logTarget: Float64Array, logModel: Float64Array): Float64Array {
    return at(float64, logTarget, logModel).timesModel(this.derived.scoreWeight) as Float64Array
  }

  /** `f(0)`: the price of a unit of model mass where the target has none. */
  get atZero(): number {
    return this.#once("atZero", () => limit(this.derived.f, "zero"))
  }
  /** `f'(0)`. */
  get slopeAtZero(): number {
    return this.#once("slopeAtZero", () => limit(this.derived.slope, "zero"))
  }
  /** `f'(infinity) = lim f(u) / u`: the price of a unit of target mass where the model has none. */
  get slopeAtInfinity(): number {
    return this.#once("slopeAtInfinity", () => limit(this.derived.perTarget, "infinity"))
  }
  /** `f(0) + f'(infinity)`: D of distributions that share nothing, its largest value. */
  get bound(): number {
    return this.atZero + this.slopeAtInfinity
  }
  /** `f''(1)`: `D` is about half of it times the chi-square distance, for near distributions. */
  get curvature(): number {
    return this.#once("curvature", () => this.scoreWeight(0))
  }

  /** The same divergence with the arguments exchanged: `f*(t) = t f(1/t)`. */
  dual(): FDivergence {
    const { atZero, slopeAtInfinity } = this
    const dual = new FDivergence(
      {
        name: `dual of ${this.name}`,
        formula: `t f(1/t), f(u) = ${this.formula}`,
        f: dualGenerator(this.generator),
        laws: this.laws,
      },
      this.origin,
    )
    dual.#known.set("atZero", slopeAtInfinity).set("slopeAtInfinity", atZero)
    return dual
  }

  /**
   * The link `f*'(t)` at `logT = log model - log target`, infinite ones included: the derivative of D by the model's
   * probability. @reference wang2024fdpo
   */
  link(logT: number): number {
    return evaluate(this.derived.byModel, -logT)
  }
  /** `lim f*'(t)` for `t -> 0`; -infinity means that an optimum never gives up a class of the target. */
  get linkAtZero(): number {
    return this.#once("linkAtZero", () => this.link(Number.NEGATIVE_INFINITY))
  }
  /** `lim f*'(t)` for `t -> infinity`, which is `f(0)`. */
  get linkAtInfinity(): number {
    return this.atZero
  }
  /** The `logT` at which the link is `value`; infinite outside its range. */
  inverseLink(value: number): number {
    if (value >= this.linkAtInfinity) return Number.POSITIVE_INFINITY
    if (value <= this.linkAtZero) return Number.NEGATIVE_INFINITY
    return solve((logT) => this.link(logT), value)
  }
  /** `-f*'(t)` at `logT = log model - log target`: what a policy is paid for coming nearer. @reference go2023fdpg */
  pseudoReward(logT: number): number {
    return -this.link(logT)
  }

  /** The convex conjugate `sup_u (v u - f(u))`; finite for `v < f'(infinity)`, its domain. @reference nguyen2010estimating */
  conjugate(v: number): number {
    if (v > this.slopeAtInfinity) return Number.POSITIVE_INFINITY
    if (v <= this.slopeAtZero) return -this.atZero
    const gain = sum(monomial(v, 1), scaled(this.derived.f, -1))
    if (v === this.slopeAtInfinity) return limit(gain, "infinity")
    return evaluate(
      gain,
      solve((l) => evaluate(this.derived.slope, l), v),
    )
  }

  between(target: ArrayLike<number>, model: ArrayLike<number>): number {
    return this.#total(sharedSupport(target, model))
  }
  /** `between` from log-probabilities `[classes]`, -infinity being 0: probabilities below 1e-308 count too. */
  betweenLogs(logTarget: ArrayLike<number>, logModel: ArrayLike<number>): number {
    return this.#total(sharedLogSupport(logTarget, logModel))
  }

  #total({ logTarget, logModel, targetOnly, modelOnly }: SharedSupport): number {
    const ends = cost(modelOnly, () => this.atZero) + cost(targetOnly, () => this.slopeAtInfinity)
    const shared = this.logForm(logTarget, logModel, float64).value() as number
    return Math.max(0, ends + shared) // equal distributions may round to -1e-17
  }

  readonly logForm: LogForm = (logTarget, logModel, rows) => {
    const { timesModel } = at(rows, logTarget, logModel)
    return {
      value: () => rows.sum(timesModel(this.derived.f)),
      byTarget: () => timesModel(this.derived.byTarget),
      byModel: () => timesModel(this.derived.byModel),
    }
  }
}

/** The table of `relent divergences`: what follows from each definition. */
import { derive, dualGenerator } from "./calculus/derived.ts"
import { print } from "./calculus/print.ts"
import type { Divergence, Spelling } from "./divergence.ts"
import { FDivergence } from "./f-divergence.ts"
import type { Laws } from "./law.ts"
import { members } from "./known.ts"
import { Property } from "./property.ts"

/** What follows from a generator. */
export interface GeneratorFacts {
  readonly formula: string
  /** `f(0)`. */
  readonly atZero: number
  /** `f'(infinity)`. */
  readonly slopeAtInfinity: number
  /** `f(0) + f'(infinity)`. */
  readonly bound: number
  /** `f''(1)`. */
  readonly curvature: number
  /** `u^2 f''(u)`. */
  readonly scoreWeight: string
  /** `f*'(t)`, `t = model / target`, with its limits at 0 and infinity. */
  readonly link: string
  readonly linkRange: readonly [number, number]
  /** The conjugate is finite below this. */
  readonly conjugateBelow: number
  /** Names of `Property` that hold. */
  readonly properties: ReadonlyArray<string>
  readonly note: string | undefined
}

export interface Row {
  readonly name: string
  readonly spelling: Spelling
  readonly laws: Laws
  /** Absent for a divergence without generator. */
  readonly generator: GeneratorFacts | undefined
}

/** The row of one divergence. */
export const describe = (divergence: Divergence): Row => {
  const { name, spelling, laws } = divergence
  return { name, spelling, laws, generator: divergence instanceof FDivergence ? facts(divergence) : undefined }
}

const facts = (d: FDivergence): GeneratorFacts => ({
  formula: d.formula,
  atZero: d.atZero,
  slopeAtInfinity: d.slopeAtInfinity,
  bound: d.bound,
  curvature: d.curvature,
  scoreWeight: print(d.derived.scoreWeight),
  link: print(derive(dualGenerator(d.generator)).slope, "t"),
  linkRange: [d.linkAtZero, d.linkAtInfinity],
  conjugateBelow: d.slopeAtInfinity,
  properties: Object.entries(Property)
    .filter(([, property]) => property.holds(d))
    .map(([name]) => name),
  note: d.note,
})

/** A row for every divergence of this package, the families by their examples. */
export const catalogue = (): ReadonlyArray<Row> => members.map(describe)

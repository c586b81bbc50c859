/** What a method may need of a divergence, judged by its generator: so a user's own has it, or lacks it, at once. */
import type { FDivergence } from "./f-divergence.ts"

/** A property, in the words that follow "needs". */
export interface Property {
  readonly name: string
  readonly holds: (d: FDivergence) => boolean
}

const ratios = Array.from({ length: 61 }, (_, i) => i - 30)

export const Property = {
  /** For weights of score differences: no kink, no flat piece. */
  smooth: {
    name: "a second derivative above 0 everywhere",
    holds: (d) => ratios.every((logU) => d.scoreWeight(logU) > 0),
  },
  /** For links: no class of the target is ever given up, so the optimum is where the gradient vanishes. */
  fullSupport: {
    name: "f*'(0) = -infinity, so that the optimum has full support",
    holds: (d) => d.linkAtZero === -Infinity,
  },
  /** For targets with zeros: a sample outside the support costs finitely much. */
  targetMayVanish: { name: "a finite f(0), for targets with zeros", holds: (d) => Number.isFinite(d.atZero) },
  /** For models with zeros. */
  modelMayVanish: {
    name: "a finite f'(infinity), for models with zeros",
    holds: (d) => Number.isFinite(d.slopeAtInfinity),
  },
  bounded: { name: "a largest value", holds: (d) => Number.isFinite(d.bound) },
  /** For pseudo-rewards that no sample can make large. */
  boundedLink: {
    name: "f*' between two finite limits",
    holds: (d) => Number.isFinite(d.linkAtZero) && Number.isFinite(d.linkAtInfinity),
  },
  /** For variational bounds with an unrestricted critic. */
  finiteConjugate: {
    name: "f'(infinity) = infinity, so that the conjugate is finite everywhere",
    holds: (d) => d.slopeAtInfinity === Infinity,
  },
} satisfies Record<string, Property>

/** For each law: the property that tests it, and examples one of which breaks it where it is denied. */
import * as fc from "fast-check"
import type { Divergence, Laws } from "../src/index.ts"
import { atMost, close, full, merged, mixture, normalised, product, type Row, withZeros } from "./distributions.ts"

interface Law {
  readonly rows: number
  readonly zeros: boolean
  /** Whether D obeys the law on these distributions. */
  readonly holds: (d: Divergence, rows: ReadonlyArray<Row>) => boolean
  readonly examples: ReadonlyArray<ReadonlyArray<Row>>
}

const asymmetric: ReadonlyArray<Row> = [
  [0.9, 0.1],
  [0.5, 0.5],
]
const root = (d: Divergence) => d.laws.triangle || 0.5

export const laws: { readonly [name in keyof Laws]-?: Law } = {
  symmetric: {
    rows: 2,
    zeros: true,
    holds: (d, [p, q]) => close(d.between(p!, q!), d.between(q!, p!)),
    examples: [asymmetric],
  },
  dataProcessing: {
    rows: 2,
    zeros: true,
    holds: (d, [p, q]) => atMost(d.between(merged(p!), merged(q!)), d.between(p!, q!)),
    examples: [[normalised([16, 15, 11]), normalised([1, 1, 18])]],
  },
  jointlyConvex: {
    rows: 4,
    zeros: true,
    holds: (d, [p, q, r, s]) =>
      [0.2, 0.5].every((w) =>
        atMost(d.between(mixture(p!, r!, w), mixture(q!, s!, w)), w * d.between(p!, q!) + (1 - w) * d.between(r!, s!)),
      ),
    examples: [
      [
        [0.5, 0.5],
        [0.95, 0.05],
        [0.05, 0.95],
        [0.5, 0.5],
      ],
      [
        [0.925, 0.075],
        [0.975, 0.025],
        [0.05, 0.95],
        [0.975, 0.025],
      ],
      [
        [0.925, 0.075],
        [0.025, 0.975],
        [0.05, 0.95],
        [0.025, 0.975],
      ],
    ],
  },
  bounded: {
    rows: 2,
    zeros: true,
    holds: (d, [p, q]) => atMost(d.between(p!, q!), d.laws.bounded === false ? 100 : d.laws.bounded),
    examples: [
      [
        [1, 1e-300],
        [1e-300, 1],
      ],
    ],
  },
  additive: {
    rows: 4,
    zeros: false,
    holds: (d, [p, q, r, s]) =>
      close(d.between(product(p!, r!), product(q!, s!)), d.between(p!, q!) + d.between(r!, s!)),
    examples: [[...asymmetric, ...asymmetric]],
  },
  triangle: {
    rows: 3,
    zeros: true,
    holds: (d, [p, q, r]) =>
      atMost(d.between(p!, r!) ** root(d), d.between(p!, q!) ** root(d) + d.between(q!, r!) ** root(d)),
    examples: [
      [
        [0.99, 0.01],
        [0.5, 0.5],
        [0.01, 0.99],
      ],
      [
        [0.9999, 0.0001],
        [0.5, 0.5],
        [0.0001, 0.9999],
      ],
      [
        [1e-6, 1 - 1e-6],
        [0.02, 0.98],
        [0.95, 0.05],
      ],
    ],
  },
}

/** True, or an error that shows the smallest distributions that break the law. */
export const holdsAlways = (d: Divergence, { rows, zeros, holds }: Law): true => {
  fc.assert(
    fc.property((zeros ? withZeros : full)(rows), (distributions) => holds(d, distributions)),
    { numRuns: 60 },
  )
  return true
}

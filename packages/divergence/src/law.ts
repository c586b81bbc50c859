/** What a divergence promises; the common test tests what is declared, and holds a counterexample to what is denied. */

/** Laws on distributions over the same finite set; every divergence is at least 0, and 0 on equal distributions. */
export interface Laws {
  /** `D(p || q) = D(q || p)`. */
  readonly symmetric: boolean
  /** Merging classes (any channel) never raises D. */
  readonly dataProcessing: boolean
  /** `D` of mixtures is at most the mixture of the `D`s, in both arguments together. */
  readonly jointlyConvex: boolean
  /** The largest value, reached by distributions that share nothing; `false` when there is none. */
  readonly bounded: number | false
  /** `D` of products is the sum of the `D`s; absent where nobody said. */
  readonly additive?: boolean
  /** `D^root` obeys the triangle inequality; `false`: not even the square root does; absent where nobody said. */
  readonly triangle?: 1 | 0.5 | false | undefined
}

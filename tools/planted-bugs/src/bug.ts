/** Mistakes that a careful colleague could make, as data. */

export type Kind =
  | "sign"
  | "swapped arguments"
  | "square missing"
  | "square too many"
  | "missing detach"
  | "detach too many"
  | "wrong mask"
  | "wrong normalisation"
  | "wrong temperature"
  | "wrong point"
  | "off by one"
  | "order of steps"
  | "mean for sum"
  | "missing term"

export interface Bug {
  /** Unique. */
  readonly name: string
  /** From the root. */
  readonly file: string
  readonly kind: Kind
  /** What becomes wrong, in mathematics. */
  readonly what: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly put: string
  /** No test of that time noticed it; what was written then. */
  readonly escaped?: string
  /** Where that stands: these tests are asked instead of the paper's. */
  readonly tests?: ReadonlyArray<string>
}

/** A paper's bugs, and what may notice them. */
export interface Flagship {
  readonly paper: string
  /** Test files from the root, or how their paths begin. */
  readonly tests: ReadonlyArray<string>
  /** Suites from the root whose quick verdicts are asked where no test notices. */
  readonly suites: ReadonlyArray<string>
  readonly bugs: ReadonlyArray<Bug>
}

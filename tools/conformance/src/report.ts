/** What a run of the tests on one backend found. */

export interface Outcome {
  /** The suite's name and the test's, without the backend's. */
  readonly test: string
  readonly passed: boolean
  /** The first thing that didn't hold. */
  readonly message: string
}

export type Report = { readonly unavailable: string } | { readonly outcomes: ReadonlyArray<Outcome> }

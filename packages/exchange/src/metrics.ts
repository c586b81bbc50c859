/** Metrics of a run as other tools know them: a curve a tag, a number a step. */

export interface Curve {
  /** `student/loss`, with `/` between the parts. */
  readonly tag: string
  /** The x axis of each value: integers, ascending. */
  readonly steps: ReadonlyArray<number>
  readonly values: ReadonlyArray<number>
}

/** Rows with a column `step`, one curve for each other column of numbers, apart by `member` where there is one. */
export const curvesOf = (
  name: string,
  rows: Iterable<{ readonly [column: string]: unknown }>,
): ReadonlyArray<Curve> => {
  const curves = new Map<string, { readonly steps: Array<number>; readonly values: Array<number> }>()
  for (const { step, member, ...row } of rows) {
    if (typeof step !== "number" || !Number.isInteger(step) || step < 0) continue
    for (const [column, value] of Object.entries(row)) {
      if (typeof value !== "number") continue
      const tag = [name, column, ...(typeof member === "number" ? [`member-${member}`] : [])].join("/")
      const curve = curves.get(tag) ?? { steps: [], values: [] }
      curves.set(tag, curve)
      curve.steps.push(step)
      curve.values.push(value)
    }
  }
  return [...curves].map(([tag, curve]) => ({ tag, ...curve }))
}

/** What an exported run is called, when it was, and what it was given. */
export interface Tracked {
  readonly run: string
  readonly experiment: string
  /** Milliseconds since 1970. */
  readonly started: number
  readonly ended: number
  readonly status: "finished" | "failed" | "interrupted"
  readonly parameters: { readonly [name: string]: string }
  readonly curves: ReadonlyArray<Curve>
}

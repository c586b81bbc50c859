/** The steps of a run by name: a sweep makes many of one. */
import type { Manifest, ManifestStep } from "@relent/runtime"
import { spell } from "./spell.ts"

/** The steps of one name, one a point of the sweep. */
export interface Group {
  readonly name: string
  readonly stage: string
  readonly steps: ReadonlyArray<ManifestStep>
}

/** The name of a step: its id without the point of a sweep. */
export const nameOf = (id: string): string => id.split("@")[0]!

export const groupsOf = ({ steps }: Manifest): ReadonlyArray<Group> =>
  [...Map.groupBy(steps, ({ id }) => nameOf(id))].map(([name, some]) => ({ name, stage: some[0]!.stage, steps: some }))

type At = ManifestStep["at"]

/** The axes of a sweep whose values differ among these points, in the order they come; `seed` is the last. */
export const axesOf = (points: ReadonlyArray<At>): ReadonlyArray<string> => {
  const names = [...new Set(points.flatMap((at) => Object.keys(at)))]
  const varying = names.filter((name) => new Set(points.map((at) => JSON.stringify(at[name]))).size > 1)
  return [...varying.filter((name) => name !== "seed"), ...varying.filter((name) => name === "seed")]
}

/** What tells the arms of these steps apart: their names where they differ, and the axes but the seed. */
export const armLabels = (steps: ReadonlyArray<ManifestStep>): ReadonlyArray<string> => {
  const axes = axesOf(steps.map(({ at }) => at)).filter((axis) => axis !== "seed")
  const isNamed = new Set(steps.map(({ id }) => nameOf(id))).size > 1 || axes.length === 0
  return steps.map(({ id, at }) =>
    [
      ...(isNamed ? [nameOf(id)] : []),
      ...axes
        .filter((axis) => axis in at)
        .map((axis) => (axes.length > 1 ? `${axis} ${spell(at[axis])}` : spell(at[axis]))),
    ].join(", "),
  )
}

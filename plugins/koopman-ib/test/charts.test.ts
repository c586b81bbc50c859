/** Every picture is of columns that its table has. */
import { expect, it } from "vitest"
import { eigenvalueChart, informationPlaneChart, portraitChart } from "../src/charts.ts"
import { InformationPlane } from "../src/bottleneck/tables.ts"
import { Eigenvalues, Portrait } from "../src/tables.ts"

const fieldsIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/"field":"(\w+)"/g)].map(([, field]) => field!).filter((field) => field !== "angle")

it.each([
  ["eigenvalues", eigenvalueChart, Eigenvalues, 8],
  ["portrait", portraitChart, Portrait, 10],
  ["information plane", informationPlaneChart, InformationPlane, 7],
] as const)("%s", (_, { metadata }, { columns }, count) => {
  const fields = fieldsIn(metadata["relent:chart"])
  expect(fields).toHaveLength(count)
  for (const field of fields) expect(Object.keys(columns)).toContain(field)
})

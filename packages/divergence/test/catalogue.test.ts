/** The derived table says what the papers' tables say. */
import { expect, it } from "vitest"
import { catalogue, members } from "../src/index.ts"

const rows = new Map(catalogue().map((row) => [row.name, row]))

it("has a row for every member", () => {
  expect([...rows.keys()]).toEqual(members.map(({ name }) => name))
})

it.each([
  ["kl", "u", "1 - t^-1"],
  ["reverse-kl", "1", "log t"],
  ["jensen-shannon", "1/2 u / (u + 1)", "-1/2 log(t + 1) + 1/2 log t + 0.346574"],
  ["squared-hellinger", "1/4 u^1/2", "1/2 - 1/2 t^-1/2"],
  ["total-variation", "0", "-1/2 sign(-t + 1)"],
  ["pearson-chi2", "2 u^2", "1 - t^-2"],
  ["neyman-chi2", "2 u^-1", "2 t - 2"],
  ["jeffreys", "u + 1", "log t + 1 - t^-1"],
  ["softened-reverse-kl", "1 / (u + 1)", "log(t + 1) - 0.693147"],
  ["alpha 0.3", "u^0.3", "-(((t^-1)^0.3 - 1) / 0.3)"],
  ["skewed-jensen-shannon 0.8", "5 u / (4 u + 1)", "5/4 log t - 5/4 log1p(0.2 t - 0.2)"],
])("%s: score weight %s, link %s", (name, scoreWeight, link) => {
  expect(rows.get(name)?.generator).toMatchObject({ scoreWeight, link })
})

it("tells properties and limits", () => {
  expect(rows.get("jensen-shannon")).toMatchObject({
    laws: { symmetric: true, triangle: 0.5 },
    generator: {
      atZero: expect.closeTo(Math.LN2 / 2, 12),
      bound: expect.closeTo(Math.LN2, 12),
      curvature: 0.25,
      linkRange: [-Infinity, expect.closeTo(Math.LN2 / 2, 12)],
      properties: ["smooth", "fullSupport", "targetMayVanish", "modelMayVanish", "bounded"],
    },
  })
  expect(rows.get("kl")?.generator).toMatchObject({ conjugateBelow: Infinity, atZero: 1, slopeAtInfinity: Infinity })
  expect(rows.get("total-variation")?.generator?.properties).toContain("boundedLink")
  expect(rows.get("renyi 2")).toMatchObject({ spelling: { renyi: 2 }, generator: undefined })
})

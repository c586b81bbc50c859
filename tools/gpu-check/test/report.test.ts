import { Schema } from "effect"
import { expect, it } from "vitest"
import { markdown, Report } from "../src/report.ts"

const report: Report = {
  version: 1,
  commit: "abc1234",
  machine: { processor: "2 x Something", memory: "24 GiB" },
  seconds: 12.34,
  parts: [
    {
      name: "conformance",
      backend: "webgpu",
      outcome: "failed",
      why: "1 of its demands don't hold",
      seconds: 3,
      device: "A card",
      numerics: "webgpu tfjs-4.22.0",
      rows: [
        { what: "sin | cos", value: 0.00123456, holds: false, note: "of the largest\nvalue" },
        { what: "product", value: 12345.6, unit: "GFLOP/s" },
        { what: "training", holds: true },
      ],
    },
    { name: "benchmark", backend: "cpu", outcome: "skipped", why: "no time", seconds: 0, rows: [] },
  ],
}

it("a report goes through its schema and back", () => {
  const text = JSON.stringify(Schema.encodeSync(Report)(report))
  expect(Schema.decodeUnknownSync(Report)(JSON.parse(text))).toEqual(report)
})

it.each([
  ["another version", { ...report, version: 2 }, "version"],
  ["an outcome that there isn't", { ...report, parts: [{ ...report.parts[1], outcome: "fine" }] }, "outcome"],
  ["a figure in words", { ...report, parts: [{ ...report.parts[1], rows: [{ what: "x", value: "1" }] }] }, "value"],
])("refuses %s", (_, wrong, where) => {
  expect(() => Schema.decodeUnknownSync(Report)(wrong)).toThrow(where)
})

it("is read as a page", () => {
  const text = markdown(report)
  for (const line of [
    "- processor: 2 x Something",
    "| conformance | webgpu | failed | 1 of its demands don't hold |",
    "## benchmark on cpu: skipped, 0.0 s",
    "| sin \\| cos | 0.001235 | **no** | of the largest value |",
    "| product | 12350 GFLOP/s |  |  |",
    "| training |  | yes |  |",
  ])
    expect(text.split("\n")).toContain(line)
})

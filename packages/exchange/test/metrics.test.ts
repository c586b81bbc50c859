import { describe, expect, it } from "vitest"
import { crc32c, curvesOf, eventFile, eventFileName, mlflowFiles, type Tracked } from "../src/index.ts"
import { events } from "./golden.ts"

const tracked: Tracked = {
  run: "moons-1@loss=kd",
  experiment: "moons",
  started: 1_700_000_000_500,
  ended: 1_700_000_002_000,
  status: "finished",
  parameters: { seed: "1", "student.loss:kd": "2" },
  curves: [{ tag: "student/loss", steps: [300], values: [0.1] }],
}

describe("curves", () => {
  it("are the columns of numbers by step, apart by member", () => {
    const rows = [
      { step: 10, member: 0, loss: 2, arm: "a", mean: 1 },
      { step: 10, member: 1, loss: 3, arm: "a", mean: 1 },
      { step: 20, member: 0, loss: 1, arm: "a", mean: null },
      { step: -1, member: 0, loss: 9, arm: "a", mean: 9 },
      { step: 0.5, member: 0, loss: 9, arm: "a", mean: 9 },
    ]
    expect(curvesOf("student", rows)).toEqual([
      { tag: "student/loss/member-0", steps: [10, 20], values: [2, 1] },
      { tag: "student/mean/member-0", steps: [10], values: [1] },
      { tag: "student/loss/member-1", steps: [10], values: [3] },
      { tag: "student/mean/member-1", steps: [10], values: [1] },
    ])
    expect(curvesOf("score", [{ accuracy: 1 }])).toEqual([])
  })
})

describe("an event file", () => {
  it("has the bytes that TensorBoard's own writer gives", () => {
    expect(new Uint8Array(eventFile(tracked))).toEqual(events)
    expect(eventFileName(tracked)).toBe("events.out.tfevents.1700000000.relent")
  })
  it("has the checksums of RFC 3720", () => {
    expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283)
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43)
  })
})

describe("the files of MLflow", () => {
  const files = mlflowFiles({
    ...tracked,
    curves: [...tracked.curves, { tag: "../up", steps: [1, 2, 3], values: [NaN, -Infinity, Infinity] }],
  })
  const names = Object.keys(files).map((path) => path.split("/").slice(2).join("/"))
  it("are one a parameter and metric, none of them elsewhere", () => {
    expect(names.toSorted()).toEqual([
      "",
      "artifacts/relent.txt",
      "meta.yaml",
      "metrics/_/up",
      "metrics/student/loss",
      "params/seed",
      "params/student.loss_kd",
      "tags/mlflow.runName",
      "tags/mlflow.source.name",
    ])
    for (const path of Object.keys(files)) expect(path).not.toMatch(/(^|\/)\.\.(\/|$)|^\//)
  })
  it("say when, what and which step", () => {
    const of = (name: string) => Object.entries(files).find(([path]) => path.endsWith(name))![1]
    expect(of("metrics/student/loss")).toBe("1700000000500 0.1 300\n")
    expect(of("metrics/_/up")).toBe("1700000000500 nan 1\n1700000000500 -inf 2\n1700000000500 inf 3\n")
    expect(of("meta.yaml")).toMatch(/^artifact_location: "mlflow-artifacts:\/\d+"[\s\S]*name: "moons"\n$/)
    expect(mlflowFiles(tracked)).toEqual(mlflowFiles(tracked))
  })
})

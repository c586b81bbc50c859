/**
 * Every stage runs while clock, draws, environment, disk and network are watched around its own fibres: what follows from nothing that it
 * is given is told with its stack. And Node loads for a stage what its code digest is of.
 */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { chooseBackend } from "@relent/tensor/choose"
import { beforeAll, describe, expect, it } from "vitest"
import { everyStage } from "./every-stage.ts"
import { forbidden } from "./planted.ts"
import type { Watched } from "./stage-traps.ts"

const verify = process.env["RELENT_VERIFY"] === "1"
const minutes = 60_000
const backends = ["wasm", ...(verify && chooseBackend().name === "tensorflow" ? ["tensorflow"] : [])]
const look = async (backend: string): Promise<Watched> => {
  const [traps, stages] = ["traps.ts", "stage-traps.ts"].map((name) => join(import.meta.dirname, name))
  const words = ["--import", traps!, stages!, backend, verify ? "whole" : "short"]
  const options = { timeout: 10 * minutes, killSignal: "SIGKILL", maxBuffer: 1 << 28 } as const
  return JSON.parse((await promisify(execFile)(process.execPath, words, options)).stdout) as Watched
}

describe.each(backends)("on %s", (backend) => {
  let watched: Watched
  beforeAll(async () => void (watched = await look(backend)), 10 * minutes)

  it("no stage touches clock, draws, environment, disk or network besides what it is given", ({ task }) => {
    const touched = watched.touches.filter(({ stage }) => !stage.startsWith("planted/"))
    expect(touched.map(({ stage, stack }) => `${stage}: ${stack}`)).toEqual([])
    const ran = watched.ran.filter((stage) => !stage.startsWith("planted/"))
    Object.assign(task.meta, { figures: `${ran.length} steps of ${new Set(ran).size} stages` })
  })

  it.runIf(verify)("every stage of every plugin stands in stages.yaml or in training.yaml, and has run so", () => {
    expect(everyStage.map(({ id }) => id).filter((id) => !watched.ran.includes(id))).toEqual([])
  })

  it("a stage that says that it draws draws", () => {
    const drawing = everyStage.filter(
      ({ id, definition: { uses = [] } }) => uses.includes("random") && watched.ran.includes(id),
    )
    expect(drawing.length).toBeGreaterThan(30)
    expect(drawing.map(({ id }) => id).filter((id) => !watched.drew.includes(id))).toEqual([])
  })

  it("a stage that touches anything is told of, also later and in a fibre of its own, and what it may do is not", () => {
    const planted = watched.touches.filter(({ stage }) => stage.startsWith("planted/"))
    const times = (stage: string, what: string) =>
      planted.filter((one) => one.stage === `planted/${stage}` && one.what === what).length
    expect(Object.keys(forbidden).filter((what) => times("forbidden", what) < 3)).toEqual([])
    expect(["Date.now", "globalThis.setTimeout", "Math.random"].map((what) => times("by-effect", what))).toEqual([
      1, 1, 1,
    ])
    expect(planted.filter(({ stage }) => stage === "planted/allowed")).toEqual([])
    const [first] = planted.filter(({ stage, what }) => stage === "planted/forbidden" && what === "Math.random")
    expect(first!.stack).toMatch(/^Error: Math\.random\n.*\n.*planted\.ts/)
  })

  it("Node loads for every stage, and for every value chosen by name, what its code digest is of", () => {
    expect(watched.code).toEqual([])
  })
})

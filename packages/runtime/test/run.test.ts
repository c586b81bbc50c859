import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { sha256 } from "@relent/arrow"
import { check, Pipeline, Stage } from "@relent/stage"
import { Effect, Fiber } from "effect"
import { describe, expect, it } from "vitest"
import { type CheckFailed, collectGarbage, run, Store, verifyStore } from "../src/index.ts"
import { fail, halves, noise, scale, Values, walk } from "./family.ts"
import { filesIn, go, inStore, newFolder, watch } from "./harness.ts"

/** Gives something else once the world has changed, which a stage must not. */
const world = { by: 0 }
const drift = Stage.make("toy/drift", {
  module: import.meta.url,
  title: "Depends on the world",
  outputs: { values: Values },
  *run() {
    return { values: Values.make({ x: Float64Array.from({ length: 300 }, (_, i) => i + (i >= 7 ? world.by : 0)) }) }
  },
})

const simple = (by = 2) => {
  const { values } = noise()
  return Pipeline.make({ name: "simple", seed: 1, outputs: scale({ values, more: [] }, { by }) })
}

describe("a run", () => {
  it("computes every step once, and takes the same run from the store", async () => {
    const store = newFolder()
    const first = await go(store, simple())
    expect(first.ended).toEqual(["noise computed", "scale computed"])
    const second = await go(store, simple())
    expect(second.ended).toEqual(["noise cached", "scale cached"])
    expect(second.digests).toEqual(first.digests)
    expect((await go(store, simple(3))).ended).toEqual(["noise cached", "scale computed"])
    expect((await go(store, simple(3), { force: ["scale"] })).ended).toEqual(["noise cached", "scale computed"])
  })

  it("tells what a stage warns of", async () => {
    const { events } = await go(newFolder(), simple(0))
    expect(events.filter((e) => e._tag === "StepWarning")).toEqual([
      { _tag: "StepWarning", step: "scale", message: "all values become 0" },
    ])
  })

  it("gives the same digests in another store", async () => {
    expect((await go(newFolder(), simple())).digests).toEqual((await go(newFolder(), simple())).digests)
  })

  it("checks a result by computing it again", async () => {
    const store = newFolder()
    await go(store, simple())
    expect((await go(store, simple(), { check: true })).ended).toEqual(["noise computed", "scale computed"])
  })

  it("checks all results, names the first value of each that differs, and keeps what was", async () => {
    const store = newFolder()
    const pipeline = () => {
      const { values } = drift()
      return Pipeline.make({ name: "drift", seed: 1, outputs: scale({ values, more: [] }, { by: 2 }) })
    }
    await go(store, pipeline())
    const before = await go(store, pipeline())
    world.by = 1
    try {
      const error = await go(store, pipeline(), { check: true }).then(
        () => undefined,
        (failed: CheckFailed) => failed,
      )
      expect(error?._tag).toBe("CheckFailed")
      // The second step is checked on the recorded table of the first, and is as it was.
      expect(error!.message).toBe(
        "1 of 2 steps computed again gave something else:\n" +
          "  drift (toy/drift): output 'values', batch 0, row 7, column 'x' was 7, and computed again is 8",
      )
      expect(error!.differences[0]!.difference).toEqual({ batch: 0, row: 7, column: "x", before: 7, after: 8 })
    } finally {
      world.by = 0
    }
    const after = await go(store, pipeline())
    expect([after.digests, after.ended]).toEqual([before.digests, ["drift cached", "scale cached"]])
    expect((await go(store, pipeline(), { check: true })).ended).toEqual(["drift computed", "scale computed"])
  })

  it("shares equal computations of a sweep, and pairs its draws", async () => {
    const yaml = `name: sweep
seed: 1
stages:
  noise: {stage: toy/noise}
  other: {stage: toy/noise}
  scale: {stage: toy/scale, in: {values: noise.values, more: []}}
  all: {collect: scale.values}
over: {scale.with.by: [1, 2], seed: [1, 2, 3]}
`
    const { ended, digests, manifest } = await go(newFolder(), yaml)
    expect(ended.filter((line) => line.startsWith("noise"))).toHaveLength(3)
    expect(ended.filter((line) => line.startsWith("scale"))).toHaveLength(6)
    expect(digests["noise@seed=1.values"]).not.toBe(digests["noise@seed=2.values"])
    expect(digests["noise@seed=1.values"]).not.toBe(digests["other@seed=1.values"])
    const all = manifest.steps.find((s) => s.id === "all")!
    expect(all.outputs["table"]!.rows).toBe(48)
    const scaled = manifest.steps.filter((s) => s.stage === "toy/scale").map(({ id }) => ({ step: id, port: "values" }))
    expect(Object.values(all.inputs!).flat()).toEqual(scaled)
  })

  it("fails with the step, its stage and its place, and keeps what was finished", async () => {
    const store = newFolder()
    const yaml = `name: f\nseed: 1\nstages:\n  noise: {stage: toy/noise}\n  bad: {stage: toy/fail, in: {values: noise.values}}\n`
    const error = await go(store, yaml, { file: "f.yaml" }).catch((e: unknown) => e)
    expect(error).toMatchObject({ _tag: "StepFailed", step: "bad", stage: "toy/fail", hint: "give more" })
    expect((error as Error).message).toBe("f.yaml:5:8 bad (toy/fail): there is nothing to do")
    const { values } = noise()
    const again = Pipeline.make({ name: "g", seed: 1, outputs: { values } })
    expect((await go(store, again, { labels: { suite: "toy" } })).ended).toEqual(["noise cached"])
    const manifests = await inStore(
      store,
      Store.use((s) => s.manifests),
    )
    expect(manifests.map((m) => m.status)).toEqual(["finished", "failed"])
    expect(manifests.map((m) => m.labels)).toEqual([{ suite: "toy" }, undefined])
  })

  it("tells a table that a stage can't build as that stage's failure", async () => {
    const pipeline = Pipeline.make({ name: "halves", seed: 1, outputs: halves() })
    await expect(go(newFolder(), pipeline)).rejects.toMatchObject({
      _tag: "StepFailed",
      reason: expect.stringContaining("column 'x' (int32): row 0 is 0.5"),
    })
  })

  it("a failing step ends the others", async () => {
    const { values } = noise()
    const slow = walk({ steps: 100_000, pause: 1 }).values
    const pipeline = Pipeline.make({ name: "two", seed: 1, outputs: { slow, bad: fail({ values }).values } })
    await expect(go(newFolder(), pipeline)).rejects.toMatchObject({ _tag: "StepFailed" })
  })

  it("interrupted and started again gives the same bytes", async () => {
    const pipeline = Pipeline.make({ name: "walk", seed: 1, outputs: walk({ steps: 100, pause: 1 }) })
    const whole = await go(newFolder(), pipeline)
    const store = newFolder()
    const cut = watch()
    await inStore(
      store,
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(
          Effect.flatMap(check(pipeline), (plan) => run(plan, { report: cut.report })),
        )
        while (cut.events.filter((e) => e._tag === "StepMetric").length < 4) yield* Effect.sleep(5)
        yield* Fiber.interrupt(fiber)
      }),
    )
    expect(cut.events.at(-1)).toMatchObject({ _tag: "RunFinished", status: "interrupted" })
    const resumed = await go(store, pipeline)
    const started = resumed.events.find((e) => e._tag === "StepStarted")
    expect(started).toMatchObject({ resumedAt: expect.toSatisfy((at: number) => at >= 30 && at <= 50) })
    expect(resumed.digests).toEqual(whole.digests)
    expect(filesIn(store).filter((file) => /checkpoints|run [^/]*.tmp/.test(file))).toEqual([])
  })
})

describe("a store", () => {
  it("never gives a damaged table: it is computed again, and is what it was", async () => {
    const store = newFolder()
    const { digests } = await go(store, simple())
    for (const file of filesIn(store).filter((f) => /objects|results/.test(f))) {
      const bytes = readFileSync(file)
      for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
        const damaged = Buffer.from(bytes)
        damaged[at] = damaged[at]! ^ 1
        writeFileSync(file, damaged)
        const again = await go(store, simple())
        expect(again.digests).toEqual(digests)
        expect(again.ended.some((line) => line.endsWith("computed"))).toBe(true)
      }
      for (const damaged of [Buffer.alloc(0), bytes.subarray(0, bytes.length - 1)]) {
        writeFileSync(file, damaged)
        expect((await go(store, simple())).digests).toEqual(digests)
      }
      writeFileSync(file, bytes)
    }
  })

  it("believes no record that was put under another key", async () => {
    const store = newFolder()
    const { manifest } = await go(store, simple())
    const path = (key: string) => join(store, "results", key.slice(0, 2), `${key}.json`)
    const [first, second] = manifest.steps
    writeFileSync(path(second!.key), readFileSync(path(first!.key)))
    expect((await go(store, simple())).ended).toEqual(["noise cached", "scale computed"])
  })

  it("believes no forged record that names something else than a table, or one that isn't there", async () => {
    const store = newFolder()
    const { manifest, digests } = await go(store, simple())
    const { key } = manifest.steps[0]!
    const path = join(store, "results", key.slice(0, 2), `${key}.json`)
    const [, record] = readFileSync(path, "utf8").split("\n")
    const table = digests["noise.values"]!
    for (const forged of ["../../secret", "", table.toUpperCase(), table.replace(/.$/, "x"), "0".repeat(64)]) {
      const text = record!.replaceAll(table, forged)
      writeFileSync(path, `${sha256(text)}\n${text}`)
      const again = await go(store, simple())
      expect([forged, again.digests, again.ended]).toEqual([forged, digests, ["noise computed", "scale cached"]])
    }
  })

  it("whose manifest is damaged isn't collected: what its run needs isn't known", async () => {
    const store = newFolder()
    await go(store, simple())
    const [manifest] = filesIn(join(store, "runs"))
    writeFileSync(manifest!, readFileSync(manifest!, "utf8").replace('"seed": 1', '"seed": 2'))
    const all = { grace: Number.NEGATIVE_INFINITY }
    await expect(inStore(store, collectGarbage(store, all))).rejects.toMatchObject({
      _tag: "StoreUnusable",
      path: manifest,
      hint: "relent store verify --repair removes it",
    })
    expect((await inStore(store, verifyStore(store, true))).damaged).toEqual([{ path: manifest, reason: "is damaged" }])
    expect((await inStore(store, collectGarbage(store, all))).files).toBe(6)
  })

  it("says what is damaged and what needs it; repaired, it computes the same again", async () => {
    const store = newFolder()
    const { digests } = await go(store, simple())
    expect(await inStore(store, verifyStore(store, false))).toMatchObject({ tables: 2, results: 2, damaged: [] })
    const object = filesIn(store).find((file) => file.endsWith(`${digests["noise.values"]}.arrow`))!
    const bytes = readFileSync(object)
    bytes[bytes.length >> 1] = bytes[bytes.length >> 1]! ^ 1
    writeFileSync(object, bytes)
    const { damaged } = await inStore(store, verifyStore(store, true))
    expect(damaged).toHaveLength(2)
    expect(damaged[1]!.reason).toContain(digests["noise.values"])
    expect(await inStore(store, verifyStore(store, false))).toMatchObject({ tables: 1, results: 1, damaged: [] })
    const again = await go(store, simple())
    expect(again.ended).toEqual(["noise computed", "scale cached"])
    expect(again.digests).toEqual(digests)
  })

  it("keeps what runs need, and lets go of the rest", async () => {
    const store = newFolder()
    await go(store, simple(2))
    await go(store, simple(3))
    const collect = (keep: number, dryRun = false, grace = -1000) =>
      inStore(store, collectGarbage(store, { keep, dryRun, grace }))
    expect(await collect(1, false, 60_000)).toMatchObject({ files: 0, keptRuns: 2 })
    const would = await collect(1, true)
    // The older run's manifest, its own result, and that result's table with its index.
    expect(would).toMatchObject({ files: 4, keptRuns: 1 })
    expect(await collect(1)).toEqual(would)
    expect((await go(store, simple(3))).ended).toEqual(["noise cached", "scale cached"])
    expect((await go(store, simple(2))).ended).toEqual(["noise cached", "scale computed"])
  })

  it("that can't be written is a typed error, and leaves nothing behind", async () => {
    const store = newFolder()
    writeFileSync(join(store, "tmp"), "in the way")
    await expect(go(store, simple())).rejects.toMatchObject({ _tag: "StepFailed", step: "noise" })
    expect(existsSync(join(store, "results"))).toBe(false)
    chmodSync(store, 0o755)
  })
  it.runIf(process.platform === "linux")(
    "that can't be made is one too: node's own mkdir would never end there",
    async () => {
      await expect(go("/proc/relent/store", simple())).rejects.toMatchObject({
        _tag: "StepFailed",
        reason: expect.stringMatching(/^\/proc\/relent\/store\/.* mkdir '\/proc\/relent'$/),
        hint: "give a folder you may write with --store",
      })
    },
  )
})

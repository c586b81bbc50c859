/**
 * A crash of the machine behind every operation of a run: whatever the disk did with what wasn't flushed, the store has each result
 * whole or not at all, and those that were told; and a run gives what it gives.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { source } from "@relent/random"
import { check, Pipeline } from "@relent/stage"
import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { run, Store, verifyStore } from "../../src/index.ts"
import { noise, scale, walk } from "../family.ts"
import { go, inStore, memory, newFolder } from "../harness.ts"
import { type Operation, recorded } from "./log.ts"
import { afterCrash } from "./treatment.ts"

const verify = process.env["RELENT_VERIFY"] === "1"
const treatments = verify ? 200 : 1
const timeout = 3_600_000

/** Small tables and one of several pieces, a training with checkpoints, and two steps with equal outputs. */
const pipeline = () => {
  const { values } = noise.as("few")()
  const big = noise.as("many")({ rows: 40_000 }).values
  const twice = scale.as("twice")({ values, more: [] }, { by: 2 }).values
  const same = scale.as("same")({ values, more: [] }, { by: 1 }).values
  const walked = walk({ steps: 30 }).values
  return Pipeline.make({ name: "crash", seed: 1, outputs: { big, twice, same, walked } })
}

/** The steps that were told to be finished. */
const toldIn = (log: ReadonlyArray<Operation>) => log.flatMap((o) => (o.kind === "told" ? [o.what] : []))

describe("after a crash", () => {
  const [root, folder] = [newFolder(memory), newFolder(memory)]
  let log: ReadonlyArray<Operation> = []
  let golden: Awaited<ReturnType<typeof go>>
  beforeAll(async () => {
    const made = await recorded(root, (tell) =>
      inStore(
        root,
        Effect.flatMap(check(pipeline()), (plan) =>
          run(plan, {
            concurrency: 2,
            report: (event) =>
              Effect.sync(() => {
                if (event._tag === "StepFinished") tell(event.step)
              }),
          }),
        ),
      ),
    )
    log = made.log
    golden = await go(root, pipeline())
  })

  it("the log has what a run does", () => {
    expect(golden.ended.every((line) => line.endsWith("cached"))).toBe(true)
    expect(new Set(log.map(({ kind }) => kind))).toEqual(
      new Set(["folder", "create", "write", "flush file", "flush folder", "rename", "remove", "told"]),
    )
    expect(log.filter(({ kind }) => kind === "told")).toHaveLength(golden.manifest.steps.length)
  })

  /** The store that a crash leaves behind some operations. */
  const crashed = (part: ReadonlyArray<Operation>, treatment: number) => {
    const state = afterCrash(part, source({ seed: treatment, stream: "crash" })("disk", part.length))
    const store = join(folder, `${part.length} ${treatment}`)
    for (const path of [".", ...state.folders]) mkdirSync(join(store, path), { recursive: true })
    for (const [path, bytes] of state.files) writeFileSync(join(store, path), bytes)
    return store
  }

  it("every result that was told is there, others are whole or not there", { timeout }, async ({ task }) => {
    for (let end = 1; end <= log.length; end++)
      for (let treatment = 0; treatment < treatments; treatment++) {
        const part = log.slice(0, end)
        const store = crashed(part, treatment)
        const found = await inStore(
          store,
          Store.use(({ lookUp }) => Effect.forEach(golden.manifest.steps, ({ key }) => lookUp(key))),
        )
        const told = new Set(toldIn(part))
        for (const [i, { id, outputs }] of golden.manifest.steps.entries()) {
          const here = found[i] !== undefined && "outputs" in found[i] ? found[i].outputs : "nothing"
          const wanted = here === "nothing" && !told.has(id) ? "nothing" : outputs
          expect([end, treatment, id, here]).toEqual([end, treatment, id, wanted])
        }
        rmSync(store, { recursive: true })
      }
    Object.assign(task.meta, { figures: `${log.length * treatments} crashes, ${log.length} operations` })
  })

  it("a run computes what wasn't told and gives the same", { timeout }, async ({ task }) => {
    let runs = 0
    for (let end = 1; end <= log.length; end += verify ? 1 : 15, runs++) {
      const part = log.slice(0, end)
      const store = crashed(part, 0)
      const again = await go(store, pipeline())
      expect([end, again.digests]).toEqual([end, golden.digests])
      expect(again.ended).toEqual(expect.arrayContaining(toldIn(part).map((step) => `${step} cached`)))
      expect(await inStore(store, verifyStore(store, false))).toMatchObject({ damaged: [] })
      rmSync(store, { recursive: true })
    }
    Object.assign(task.meta, { figures: `${runs} crashes` })
  })
})

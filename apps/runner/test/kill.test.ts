/** Runs that are killed without warning, at any time and at any event. */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import type { RunEvent } from "@relent/runtime"
import { source } from "@relent/random"
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest"
import { digests, type Ended, eventsIn, finished, start } from "./child.ts"
import { bin, inFolder, relent } from "./relent.ts"

/** One kill here, 200 in the long tier. */
const verify = process.env["RELENT_VERIFY"] === "1"
const kills = verify ? 200 : 1
const timeout = 3_600_000

const folder = inFolder()
const twelve = `name: twelve
seed: 1
stages:
  data: { stage: datasets/two-moons, with: { rows: 100 } }
  test: { stage: datasets/two-moons, with: { rows: 60 } }
  teacher:
    stage: distillation/train-classifier
    in: { data: data.data }
    with: { hidden: [8], batch: 8, steps: 30, every: 10 }
  logits: { stage: distillation/predict, in: { model: teacher.model, data: data.data } }
  teacher-score: { stage: distillation/evaluate, in: { model: teacher.model, data: test.data } }
  student:
    stage: distillation/distil
    in: { data: data.data, teacher: logits.logits }
    with: { hidden: [4], batch: 8, steps: 30, every: 10 }
  student-logits: { stage: distillation/predict, in: { model: student.model, data: test.data } }
  student-score: { stage: distillation/evaluate, in: { model: student.model, data: test.data } }
  twin:
    stage: distillation/distil
    in: { data: test.data, teacher: student-logits.logits }
    with: { hidden: [4], batch: 8, steps: 20, every: 10 }
  twin-score: { stage: distillation/evaluate, in: { model: twin.model, data: data.data } }
  alone:
    stage: distillation/train-classifier
    in: { data: data.data }
    with: { hidden: [4], batch: 8, steps: 20, every: 10 }
  alone-score: { stage: distillation/evaluate, in: { model: alone.model, data: test.data } }
over: { student.with.hidden: [[4], [6]] }
`
const run = (store: string, killAfter: Parameters<typeof start>[1]["killAfter"] = {}) =>
  start("twelve.yaml", { store, cwd: folder.path(), killAfter })

/** What the store's results are, as files: one that is computed again is another file. */
const results = (store: string): ReadonlyMap<string, string> => {
  const root = folder.path(join(store, "results"))
  if (!existsSync(root)) return new Map()
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"))
  return new Map(
    files.map((name) => {
      const { ino, mtimeMs } = statSync(join(root, name))
      return [name, `${ino} ${mtimeMs}`]
    }),
  )
}

describe("a run", () => {
  let whole: Ended
  beforeAll(async () => {
    folder.write("twelve.yaml", twelve)
    const begin = performance.now()
    const { out, code } = await relent("run", "twelve.yaml", "--json", "--store", "whole")
    whole = { code: Number(code), milliseconds: performance.now() - begin, events: eventsIn(out) }
  }, timeout)

  /** Trainings that went on from a checkpoint. */
  let resumed = 0
  /** Kills runs in one store after the other, each as often as it doesn't come to its end; tells in how many stores, and how often in one. */
  const killed = async (name: string, times: number) => {
    const draw = source({ seed: 1, stream: name })
    const stores: Array<number> = []
    let started = 0
    for (let kill = 0; kill < times;) {
      const store = `${name} ${stores.length}`
      const runs: Array<Ended> = []
      const known = new Map<string, string>()
      do {
        const at = draw("kill", started++)
        const killAfter =
          kill >= times
            ? {}
            : kill % 2 === 0
              ? { lines: 2 + at.integer(whole.events.length - 2) }
              : { milliseconds: 500 + at.uniform() * whole.milliseconds }
        runs.push(await run(store, killAfter))
        for (const [file, identity] of results(store)) {
          expect([file, known.get(file) ?? identity]).toEqual([file, identity])
          known.set(file, identity)
        }
        if (runs.at(-1)!.code === null) kill++
      } while (runs.at(-1)!.code === null)
      expect(runs.at(-1)!.code).toBe(0)
      expect(digests(runs.at(-1)!)).toEqual(digests(whole))
      for (const { events } of runs)
        resumed += events.filter((e) => e._tag === "StepStarted" && e.resumedAt !== undefined).length
      // A kill may hide the line of a stage that has just finished; it never makes a stage finish twice.
      const done = runs.flatMap(finished)
      expect(done.toSorted()).toEqual([...new Set(done)].toSorted())
      stores.push(runs.length - 1)
    }
    return stores
  }

  it(
    `killed ${kills === 1 ? "" : `${kills} times, `}at any time and any event, goes on each time, repeats no finished stage, and gives the same bytes`,
    { timeout },
    async ({ task }) => {
      expect(whole.code).toBe(0)
      const stores = verify
        ? (await Promise.all([killed("one", kills / 2), killed("other", kills / 2)])).flat()
        : await killed("one", kills)
      expect(verify && resumed === 0).toBe(false)
      const figures = `${stores.length} runs came to their end, after ${Math.max(...stores)} kills at most; ${resumed} trainings went on from a checkpoint`
      Object.assign(task.meta, { figures })
    },
  )

  it.runIf(verify)("beside another in one store computes each stage once between them", { timeout }, async () => {
    const both = await Promise.all([run("both"), run("both")])
    expect(both.map((r) => r.code)).toEqual([0, 0])
    expect(both.flatMap(finished).toSorted()).toEqual(finished(whole).toSorted())
    for (const one of both) expect(digests(one)).toEqual(digests(whole))
  })
})

describe.runIf(process.platform === "linux")("helpers", () => {
  const endless = `name: endless
seed: 1
stages:
  data: { stage: datasets/two-moons, with: { rows: 40 } }
  model: { stage: distillation/train-classifier, in: { data: data.data }, with: { hidden: [4], batch: 8, steps: 10000000, every: 20 } }
`
  const isRunning = (process: number) => existsSync(`/proc/${process}`)

  it("end well when the process that started them is killed", { timeout: 120_000 }, async () => {
    folder.write("endless.yaml", endless)
    const main = join(import.meta.dirname, "parent.main.ts")
    const words = [["run", "endless.yaml", "--store", "helped"]]
    const parent = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, JSON.stringify(words)], {
      cwd: folder.path(),
      stdio: ["ignore", "pipe", "inherit"],
    })
    const [helper] = JSON.parse(String((await once(parent.stdout, "data"))[0])) as [number]
    onTestFinished(() => {
      if (isRunning(helper)) process.kill(helper, "SIGKILL")
    })
    const at = folder.path("helped")
    const isThere = (name: string) => expect(readdirSync(join(at, name))).toHaveLength(1)
    await vi.waitFor(() => isThere("checkpoints"), { timeout: 60_000, interval: 50 })
    parent.kill("SIGKILL")
    await vi.waitFor(() => isThere("runs"), { timeout: 60_000, interval: 50 })
    const [manifest] = readdirSync(join(at, "runs"))
    expect(JSON.parse(readFileSync(join(at, "runs", manifest!), "utf8"))).toMatchObject({ status: "interrupted" })
    await vi.waitFor(() => expect(isRunning(helper)).toBe(false), { timeout: 60_000, interval: 50 })
  })

  it.runIf(verify)("killed or their parent killed, a suite ends as it does undisturbed", { timeout }, async () => {
    folder.write("twelve.yaml", twelve)
    folder.write(
      "suite.yaml",
      `suite: small
source: hinton2015distilling
pipeline: twelve.yaml
seeds: [11, 12, 13, 14]
arms: { teacher: { table: teacher-score.metrics }, alone: { table: alone-score.metrics } }
claims:
  wide: { statement: Wide is better., metric: accuracy, test: { greater: [teacher, alone] } }
`,
    )
    const suite = (store: string) =>
      spawn(process.execPath, [bin, "suite", "run", "suite.yaml", "--jobs", "2", "--json", "--store", store], {
        cwd: folder.path(),
        stdio: ["ignore", "pipe", "inherit"],
      })
    /** Runs the suite, and does something at its nth line; its events, and how it ended. */
    const judged = async (store: string, line = Infinity, act: (of: ReturnType<typeof suite>) => void = () => {}) => {
      const child = suite(store)
      let out = ""
      child.stdout.on("data", (chunk) => {
        const before = out.split("\n").length
        out += String(chunk)
        if (before <= line && out.split("\n").length > line) act(child)
      })
      const [code] = (await once(child, "close")) as [number | null]
      return { code, events: eventsIn(out) }
    }
    /** The helper of a suite; none where it has done its part. */
    const helperOf = (process: number): number | undefined => {
      const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", String(process)], { encoding: "utf8" })
      return /\d+/.exec(stdout)?.map(Number)[0]
    }
    const tables = ({ events }: { readonly events: ReadonlyArray<RunEvent> }) =>
      digests({ code: 0, milliseconds: 0, events })
    const golden = await judged("undisturbed")
    expect(golden.code).toBe(0)
    let helped = 0
    for (const line of [5, 30, 60]) {
      const alone = await judged(`helper ${line}`, line, ({ pid }) => {
        const helper = helperOf(pid!)
        if (helper === undefined) return
        helped++
        process.kill(helper, "SIGKILL")
      })
      expect([line, alone.code, tables(alone)]).toEqual([line, 0, tables(golden)])
      let helper: number | undefined
      const store = `parent ${line}`
      const cut = await judged(store, line, (child) => {
        helper = helperOf(child.pid!)
        child.kill("SIGKILL")
      })
      expect(cut.code).toBe(null)
      await vi.waitFor(() => expect(helper !== undefined && isRunning(helper)).toBe(false), {
        timeout: 60_000,
        interval: 50,
      })
      const again = await judged(store)
      expect([line, again.code, tables(again)]).toEqual([line, 0, tables(golden)])
    }
    // At the later lines it may have done its part.
    expect(helped).toBeGreaterThan(0)
  })
})
